/** A file that lies below Ray's logs on another machine, brought here whole or not at all, by its SHA-256. */
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import type { ImportRequest, SavedModel } from '../checkpoints/model-library'
import { writeWhole } from '../model/weights/whole-file'
import type { ReadableDb } from '../store/handle'
import { publishedName } from './published-name'
import type { RayClient } from './ray-client'
import { clusterFailure } from './ray-http'
import type { SaidFile } from './said'

export interface Fetching {
  readonly db: ReadableDb
  readonly client: RayClient
  readonly runId: string
  readonly job: string
  /** Asks again until the cluster answers. */
  readonly ask: <T>(work: () => Promise<T>) => Promise<T>
  /** Makes a model of ours of a folder of others. */
  readonly takeModel: TakeModel
}

export type TakeModel = (request: ImportRequest) => Promise<SavedModel>

/** @param at the node that has it; that of the job unless said */
export async function bringFile(
  { client, job }: Fetching,
  { name, bytes, sha256 }: SaidFile,
  target: string,
  at?: string,
): Promise<void> {
  const node = at ?? (await client.job(job))?.nodeId
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
    throw error
  }
}
