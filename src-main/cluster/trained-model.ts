/**
 * The model of a run that TRL trained elsewhere: its folder is brought here, read as all of others are, and becomes a
 * checkpoint of the run. The optimizer stays where it was, so that nothing resumes from it.
 */
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunEvent } from '../processes/messages'
import { besideRegistry } from '../store/checkpoint-files'
import { runOf } from '../store/runs'
import { bringFile, type Fetching } from './bring-file'
import type { SaidFile, Trained } from './said'

/** @throws StudioFailure refused-file, when what came is no model */
export async function trainedModel(
  fetching: Fetching,
  { step, node, atMs }: Trained,
  files: readonly SaidFile[],
): Promise<RunEvent> {
  const { db, runId } = fetching
  const name = `update-${String(step).padStart(6, '0')}`
  const scratch = await mkdtemp(join(tmpdir(), 'studio-from-cluster-'))
  try {
    for (const file of files)
      await fetching.ask(() => bringFile(fetching, file, join(scratch, own(file, name)), node))
    const [baseId] = runOf(db, runId).inputs['policy'] ?? []
    const isAdapter = files.some((file) => own(file, name) === 'adapter_config.json')
    const { path, bytes, ...facts } = await fetching.takeModel({
      path: scratch,
      ...(isAdapter && baseId !== undefined && { baseId }),
    })
    const folder = join(besideRegistry(db.path, 'checkpoints'), runId)
    await mkdir(folder, { recursive: true })
    const kept = join(folder, `${name}.safetensors`)
    await rename(path, kept)
    return { kind: 'checkpoint', checkpoint: { ...facts, step, bytes, path: kept }, atMs }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** What a file of the folder is called in it. @throws Error for a name that would leave it */
function own({ name }: SaidFile, update: string): string {
  const rest = name.startsWith(`${update}.`) ? name.slice(update.length + 1) : ''
  if (!/^\w[\w-]*(\.\w[\w-]*)+$/.test(rest))
    throw new Error(`the cluster speaks of a file “${name.slice(0, 100)}” that is none of a model`)
  return rest
}
