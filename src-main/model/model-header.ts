/** What a model's file says of itself, checked, without its numbers: kind, sizes, tokenizer, lineage. Loads no TensorFlow.js. */
import { open, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { StudioFailure } from '../../src-shared/result'
import { characterTokenizer } from './tokenizers/character'
import type { Model, ModelConfig, Tokenizer } from './model'
import { parseConfig } from './model-config'
import { decodeLayout, headerBytes, SafetensorsError, type Layout } from './safetensors'
import { specOf } from './trunk-parameters'

/** Where a model comes from: facts for whoever opens the file, here or elsewhere. */
export type Lineage = Readonly<Record<string, string>>

export interface ModelHeader {
  readonly kind: Model['kind']
  readonly config: ModelConfig
  readonly tokenizer: Tokenizer
  readonly lineage: Lineage
  /** How many numbers it holds. */
  readonly parameters: number
}

export const modelFormat = 'rlhf-studio model 1'

/** Reads the beginning of a file. @throws StudioFailure `refused-file`, saying what is wrong with it */
export async function readModelHeader(path: string): Promise<ModelHeader> {
  return refusingFile(path, async () => {
    const file = await open(path, 'r')
    try {
      const bytes = await beginning(file, headerBytes(await beginning(file, 8)))
      return headerOf(decodeLayout(bytes, (await file.stat()).size))
    } finally {
      await file.close()
    }
  })
}

/** At most so many bytes: fewer when the file has fewer. */
async function beginning(file: FileHandle, bytes: number): Promise<Uint8Array> {
  const room = new Uint8Array(Math.min(bytes, (await file.stat()).size))
  const { bytesRead } = await file.read(room, 0, room.length, 0)
  return room.subarray(0, bytesRead)
}

/** @throws SafetensorsError when the file is no model, or its tensors are not those of the model it says it is */
export function headerOf({ metadata, entries }: Layout): ModelHeader {
  checkFormat(metadata, modelFormat)
  const kind = kindIn(metadata)
  const config = configIn(metadata, entries.length)
  checkTensors(kind, config, entries)
  return { kind, config, tokenizer: tokenizerIn(metadata, config), lineage: textsIn(metadata, 'lineage'), parameters: entries.reduce((count, { begin, end }) => count + (end - begin) / 4, 0) }
}

/** @throws SafetensorsError when the file is of another kind, or of no kind of ours */
export function checkFormat(metadata: Layout['metadata'], format: string): void {
  const found = metadata.get('format')
  if (found === undefined) throw new SafetensorsError('it was not written by this studio')
  if (found !== format) throw new SafetensorsError(`it is a "${found}" file where a "${format}" file is wanted`)
}

function kindIn(metadata: Layout['metadata']): Model['kind'] {
  const kind = metadata.get('kind')
  if (kind !== 'language-model' && kind !== 'reward-model') throw new SafetensorsError(`it holds a "${kind}", which this version does not know`)
  return kind
}

/** @param tensors how many the file holds: no configuration can want fewer than it has layers, so none is believed that does */
function configIn(metadata: Layout['metadata'], tensors: number): ModelConfig {
  const config = believed(() => parseConfig(objectIn(metadata, 'config')))
  if (config.layers > tensors) throw new SafetensorsError(`its configuration speaks of ${config.layers} layers, and there are only ${tensors} tensors`)
  return config
}

/** What is wrong with a part of the file is wrong with the file. */
function believed<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new SafetensorsError((error as Error).message)
  }
}

function checkTensors(kind: Model['kind'], config: ModelConfig, entries: Layout['entries']): void {
  const spec = specOf(kind, config)
  const found = new Map(entries.map(({ name, shape }) => [name, shape]))
  for (const [name, shape] of Object.entries(spec)) {
    const has = found.get(name)
    if (!has) throw new SafetensorsError(`the tensor "${name}" is missing`)
    if (has.join() !== shape.join()) throw new SafetensorsError(`the tensor "${name}" has the shape [${has}] where [${shape}] is wanted`)
  }
  const stranger = entries.find(({ name }) => !Object.hasOwn(spec, name))
  if (stranger) throw new SafetensorsError(`the tensor "${stranger.name}" does not belong to this model`)
}

function tokenizerIn(metadata: Layout['metadata'], { vocabulary }: ModelConfig): Tokenizer {
  const { type, characters } = objectIn(metadata, 'tokenizer')
  if (type !== 'character') throw new SafetensorsError(`its tokenizer is of type "${String(type)}", which this version does not know`)
  if (!Array.isArray(characters) || !characters.every((character) => typeof character === 'string')) throw new SafetensorsError('its tokenizer does not list its characters')
  const tokenizer = believed(() => characterTokenizer({ type: 'character', characters }))
  if (tokenizer.vocabulary !== vocabulary) throw new SafetensorsError(`its tokenizer has ${tokenizer.vocabulary} tokens and its configuration ${vocabulary}`)
  return tokenizer
}

function textsIn(metadata: Layout['metadata'], name: string): Readonly<Record<string, string>> {
  const texts = objectIn(metadata, name)
  if (!Object.values(texts).every((value) => typeof value === 'string')) throw new SafetensorsError(`its metadata "${name}" is missing or wrong`)
  return texts as Record<string, string>
}

/** A JSON object in the metadata. @throws SafetensorsError */
export function objectIn(metadata: Layout['metadata'], name: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(metadata.get(name) ?? 'null')
  } catch {
    throw new SafetensorsError(`its metadata "${name}" is not JSON`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SafetensorsError(`its metadata "${name}" is missing or wrong`)
  return value as Record<string, unknown>
}

/** Does something with a file; what is wrong with the file is said as `refused-file`. */
export async function refusingFile<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const problem = problemOf(error)
    if (problem === undefined) throw error
    throw new StudioFailure({ kind: 'refused-file', file: basename(path), problem })
  }
}

function problemOf(error: unknown): string | undefined {
  if (error instanceof SafetensorsError) return error.message
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT': return 'it is not there any more'
    case 'EACCES': return 'it may not be read'
    case 'EISDIR': return 'it is a folder'
    case 'ERR_FS_FILE_TOO_LARGE': return 'it is larger than 2 GB'
    default: return undefined
  }
}
