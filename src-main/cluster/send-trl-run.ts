/** A run to a cluster as a project for TRL: for several GPUs, which this program's own trainers do not use. */
import { readdir, rm, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { writeZip, type ZipEntry } from '../places/zip-writing'
import type { WarmProcess } from '../processes/warm-process'
import { runOf } from '../store/runs'
import { packagedWithin, type SendRun } from './send-run'

/** What the project imports, where the cluster's Python has it not. DeepSpeed only several GPUs ask for. */
const packages = ['accelerate', 'datasets', 'peft', 'torch', 'transformers>=5.0', 'trl>=1.16,<2'] as const

export const sendTrlRun =
  (openLibrary: () => Pick<WarmProcess, 'project' | 'close'>): SendRun =>
  async ({ db, client, runId, job, say }) => {
    const scratch = await mkdtemp(join(tmpdir(), 'studio-to-cluster-'))
    const library = openLibrary()
    try {
      const gpus = (await client.nodes()).reduce((sum, node) => sum + node.gpus.length, 0)
      const workers = runOf(db, runId).threads ?? Math.max(1, gpus)
      const { folder } = await library.project({ runId, folder: scratch, workers, useGpu: gpus > 0 })
      const file = join(scratch, 'package.zip')
      const name = `_ray_pkg_${job}.zip`
      await client.upload(name, async () =>
        packagedWithin(
          await writeZip(file, await entriesOf(folder)),
          'the run with its data and models',
          file,
        ),
      )
      say('Sent as a project for TRL. The cluster prepares Python for it; the first time that takes minutes.')
      return () =>
        client.submit({
          id: job,
          entrypoint: 'exec python train.py',
          workingDirectory: `gcs://${name}`,
          pip: [...packages, ...(gpus > 0 && workers > 1 ? ['deepspeed'] : [])],
          environment: { STUDIO_JOB: job },
          metadata: { run: runId },
          // its workers ask for what they need
          cpus: 0,
        })
    } finally {
      library.close()
      await rm(scratch, { recursive: true, force: true })
    }
  }

const entriesOf = async (folder: string): Promise<readonly ZipEntry[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ name: relative(folder, path).split(sep).join('/'), path, isPacked: true }))
