/**
 * The checkpoints of a run elsewhere, brought beside the registry: a checkpoint is told of when its files are wholly
 * here and are, by their SHA-256, those that were written there.
 */
import { createHash } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { RunEvent, SavedCheckpoint } from '../processes/messages'
import { writeWhole } from '../model/weights/whole-file'
import { besideRegistry } from '../store/checkpoint-files'
import type { ReadableDb } from '../store/handle'
import { publishedName } from './published-name'
import type { RayClient } from './ray-client'
import { clusterFailure } from './ray-http'
import type { Said, SaidFile } from './said'

export interface Fetching {
  readonly db: ReadableDb
  readonly client: RayClient
  readonly runId: string
  readonly job: string
  /** Asks again until the cluster answers. */
  readonly ask: <T>(work: () => Promise<T>) => Promise<T>
}

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
        : event,
    )
  return here
}

async function fetched(
  fetching: Fetching,
  checkpoint: SavedCheckpoint,
  files: readonly SaidFile[],
): Promise<SavedCheckpoint> {
  const [path, resumePath] = [checkpoint.path, checkpoint.resumePath].map((each) => basename(each))
  const folder = join(besideRegistry(fetching.db.path, 'checkpoints'), fetching.runId)
  await mkdir(folder, { recursive: true })
  const bring = async (name: string): Promise<string> => {
    const file = files.find((each) => each.name === name)
    if (!file || !/^update-\d+(\.resume)?\.safetensors$/.test(name))
      throw new Error(`the cluster speaks of a file “${name.slice(0, 100)}” that is none of a checkpoint`)
    await fetching.ask(() => bringOne(fetching, file, join(folder, name)))
    return join(folder, name)
  }
  // the state to go on from first: a model without it is of less use than none
  const resumed = await bring(resumePath ?? '')
  return { ...checkpoint, resumePath: resumed, path: await bring(path ?? '') }
}

async function bringOne(
  { client, job }: Fetching,
  { name, bytes, sha256 }: SaidFile,
  target: string,
): Promise<void> {
  const node = (await client.job(job))?.nodeId
  if (node === undefined)
    throw clusterFailure(`The cluster ${client.cluster.name} does not say where the run is.`)
  const body = await client.file(node, publishedName(job, name))
  const hash = createHash('sha256')
  let length = 0
  async function* measured(): AsyncGenerator<Buffer> {
    for await (const piece of body as AsyncIterable<Buffer>) {
      hash.update(piece)
      length += piece.length
      if (length > bytes) break
      yield piece
    }
    if (length !== bytes || hash.digest('hex') !== sha256)
      throw clusterFailure(`The cluster ${client.cluster.name} sent ${name} in part or with errors.`)
  }
  try {
    await writeWhole(target, measured())
  } catch (error) {
    await rm(`${target}.partial`, { force: true })
    throw error instanceof Error && 'code' in error && error.code === 'ECONNRESET'
      ? clusterFailure(`The line to the cluster ${client.cluster.name} broke while ${name} was fetched.`)
      : error
  }
}
