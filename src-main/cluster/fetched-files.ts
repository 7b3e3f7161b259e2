/**
 * The checkpoints of a run elsewhere, brought beside the registry: a checkpoint is told of when its files are wholly
 * here and are, by their SHA-256, those that were written there.
 */
import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { RunEvent, SavedCheckpoint } from '../processes/messages'
import { besideRegistry } from '../store/checkpoint-files'
import { bringFile, type Fetching } from './bring-file'
import { trainedModel } from './trained-model'
import type { Said, SaidFile } from './said'

/** @returns what was said, with the files of its checkpoints as they lie here */
export async function fetchedFiles(
  fetching: Fetching,
  { events, files = [] }: Said,
): Promise<readonly RunEvent[]> {
  const here: RunEvent[] = []
  for (const event of events)
    here.push(
      event.kind === 'checkpoint'
        ? { ...event, checkpoint: await fetched(fetching, event.checkpoint, files) }
        : event.kind === 'trained'
          ? await trainedModel(fetching, event, files)
          : event,
    )
  return here
}

async function fetched(
  fetching: Fetching,
  checkpoint: SavedCheckpoint,
  files: readonly SaidFile[],
): Promise<SavedCheckpoint> {
  const [path, resumePath] = [checkpoint.path, checkpoint.resumePath ?? ''].map((each) => basename(each))
  const folder = join(besideRegistry(fetching.db.path, 'checkpoints'), fetching.runId)
  await mkdir(folder, { recursive: true })
  const bring = async (name: string): Promise<string> => {
    const file = files.find((each) => each.name === name)
    if (!file || !/^update-\d+(\.resume)?\.safetensors$/.test(name))
      throw new Error(`the cluster speaks of a file “${name.slice(0, 100)}” that is none of a checkpoint`)
    await fetching.ask(() => bringFile(fetching, file, join(folder, name)))
    return join(folder, name)
  }
  // the state to go on from first: a model without it is of less use than none
  const resumed = await bring(resumePath ?? '')
  return { ...checkpoint, resumePath: resumed, path: await bring(path ?? '') }
}
