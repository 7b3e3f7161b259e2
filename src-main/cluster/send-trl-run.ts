/** A run to a cluster as a project for TRL: for several GPUs, which this program's own trainers do not use. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import type { ZipEntry } from '../places/zip-writing'
import { inLibrary, type Library } from '../processes/library'
import { runOf } from '../store/runs'
import { sendPackage } from './send-package'
import { bundleNameOf, bundleTitle, type SendRun } from './send-run'

export const sendTrlRun =
  (openLibrary: () => Library): SendRun =>
  async ({ db, client, runId, job, say }) => {
    const scratch = await mkdtemp(join(tmpdir(), 'studio-to-cluster-'))
    try {
      const gpus = (await client.nodes()).reduce((sum, node) => sum + node.gpus.length, 0)
      const workers = runOf(db, runId).threads ?? Math.max(1, gpus)
      const { sharedFolder } = client.cluster
      const wish = {
        runId,
        folder: scratch,
        workers,
        useGpu: gpus > 0,
        ...(sharedFolder !== undefined && { storage: sharedFolder }),
      }
      const { folder } = await inLibrary(openLibrary, (library) => library.project(wish))
      const pip = packagesIn(
        await readFile(join(folder, 'requirements.txt'), 'utf8'),
        gpus > 0 && workers > 1,
      )
      const project = { name: bundleNameOf(job), what: bundleTitle, entries: await entriesOf(folder) }
      const sent = await sendPackage(client, project, scratch)
      say('Sent as a project for TRL. The cluster prepares Python for it; the first time that takes minutes.')
      return () =>
        client.submit({
          id: job,
          entrypoint: 'exec python train.py',
          workingDirectory: sent,
          pip,
          environment: { STUDIO_JOB: job },
          metadata: { run: runId },
          // its workers ask for what they need
          cpus: 0,
        })
    } finally {
      await rm(scratch, { recursive: true, force: true })
    }
  }

/** What the project asks for, where the cluster's Python has it not: Ray it has, DeepSpeed only several GPUs need. */
const packagesIn = (requirements: string, isShared: boolean): readonly string[] =>
  requirements
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('ray') && (isShared || !line.startsWith('deepspeed')))

const entriesOf = async (folder: string): Promise<readonly ZipEntry[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ name: relative(folder, path).split(sep).join('/'), path, isPacked: true }))
