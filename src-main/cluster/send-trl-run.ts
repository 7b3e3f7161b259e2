/** A run to a cluster as a project for TRL: for several GPUs, which this program's own trainers do not use. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { writeZip, type ZipEntry } from '../places/zip-writing'
import { inLibrary, type Library } from '../processes/library'
import { runOf } from '../store/runs'
import { packagedWithin, type SendRun } from './send-run'

export const sendTrlRun =
  (openLibrary: () => Library): SendRun =>
  async ({ db, client, runId, job, say }) => {
    const scratch = await mkdtemp(join(tmpdir(), 'studio-to-cluster-'))
    try {
      const gpus = (await client.nodes()).reduce((sum, node) => sum + node.gpus.length, 0)
      const workers = runOf(db, runId).threads ?? Math.max(1, gpus)
      const wish = { runId, folder: scratch, workers, useGpu: gpus > 0 }
      const { folder } = await inLibrary(openLibrary, (library) => library.project(wish))
      const pip = packagesIn(
        await readFile(join(folder, 'requirements.txt'), 'utf8'),
        gpus > 0 && workers > 1,
      )
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
