/**
 * Models and resumable states as files: safetensors, complete or absent. A file is written under a temporary name, brought to
 * the disk, renamed, and its folder brought to the disk, so that a name that is there stands for a whole file.
 */
import { open, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { StudioFailure } from '../../src-shared/result'
import { allocate, spansOf, type ParameterSpec } from '../compute/parameters'
import { characterTokenizer } from './character-tokenizer'
import { gptSpec } from './gpt'
import { withScoreHead } from './heads'
import type { GptConfig, Model, Tokenizer } from './model'
import { decodeSafetensors, encodeSafetensors, SafetensorsError, type StoredTensor, type StoredTensors } from './safetensors'

/** Where a model comes from: facts for whoever opens the file, here or elsewhere. */
export type Lineage = Readonly<Record<string, string>>

/** What a run needs beside its model to go on (a trainer's ResumeState). */
export interface ResumeTensors {
  readonly step: number
  readonly tensors: Readonly<Record<string, Float32Array>>
  readonly numbers: Readonly<Record<string, number>>
}

const modelFormat = 'rlhf-studio model 1'
const resumeFormat = 'rlhf-studio resume 1'

/** @returns bytes of the file. @throws StudioFailure when the disk is full; nothing is left behind then */
export async function saveModel(path: string, model: Model, lineage: Lineage): Promise<number> {
  const { kind, config, tokenizer, parameters } = model
  const spec = specOf(kind, config)
  if (Object.keys(parameters.spec).join() !== Object.keys(spec).join()) throw new Error(`these are not the parameters of a ${kind} alone`)
  const tensors = new Map(Object.entries(spec).map(([name, shape]) => [name, { shape, data: parameters.view(name) }]))
  const metadata = { format: modelFormat, kind, config: JSON.stringify(config), tokenizer: JSON.stringify(tokenizer.definition), lineage: JSON.stringify(lineage) }
  return writeWhole(path, encodeSafetensors(tensors, metadata))
}

/** @throws StudioFailure `refused-file`, saying what is wrong with the file */
export async function loadModel(path: string): Promise<{ readonly model: Model; readonly lineage: Lineage }> {
  return readingFile(path, modelFormat, ({ tensors, metadata }) => {
    const kind = kindIn(metadata)
    const config = configIn(metadata, tensors.size)
    const tokenizer = tokenizerIn(metadata, config)
    const parameters = allocate(matching(specOf(kind, config), tensors))
    for (const { name } of spansOf(parameters.spec)) parameters.view(name).set(tensors.get(name)!.data)
    return { model: { kind, config, tokenizer, parameters }, lineage: lineageIn(metadata) }
  })
}

/** @returns bytes of the file. @throws StudioFailure when the disk is full; nothing is left behind then */
export async function saveResume(path: string, { step, tensors, numbers }: ResumeTensors): Promise<number> {
  for (const [name, value] of Object.entries(numbers)) if (!Number.isFinite(value)) throw new Error(`the number "${name}" to resume with is ${value}`)
  const stored = new Map(Object.entries(tensors).map(([name, data]) => [name, { shape: [data.length], data }]))
  return writeWhole(path, encodeSafetensors(stored, { format: resumeFormat, step: String(step), numbers: JSON.stringify(numbers) }))
}

/** @throws StudioFailure `refused-file`, saying what is wrong with the file */
export async function loadResume(path: string): Promise<ResumeTensors> {
  return readingFile(path, resumeFormat, ({ tensors, metadata }) => {
    const step = Number(metadata.get('step'))
    if (!Number.isSafeInteger(step) || step < 0) throw new SafetensorsError('its step is not a count')
    const numbers = recordIn(metadata, 'numbers', (value) => typeof value === 'number') as Record<string, number>
    return { step, numbers, tensors: Object.fromEntries([...tensors].map(([name, { data }]) => [name, data.slice()])) }
  })
}

const specOf = (kind: Model['kind'], config: GptConfig): ParameterSpec => (kind === 'reward-model' ? withScoreHead(gptSpec(config), config.width) : gptSpec(config))

async function writeWhole(path: string, pieces: readonly Uint8Array[]): Promise<number> {
  const partial = `${path}.partial`
  try {
    const file = await open(partial, 'w')
    try {
      for (const piece of pieces) await file.writeFile(piece)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(partial, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await rm(partial, { force: true })
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw new StudioFailure({ kind: 'storage', problem: `The disk is full: ${basename(path)} was not written. What was saved before is safe.` })
    throw error
  }
  return pieces.reduce((bytes, piece) => bytes + piece.length, 0)
}

/** Makes the rename last. Windows keeps it by itself and opens no folder. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function readingFile<T>(path: string, format: string, read: (stored: StoredTensors) => T): Promise<T> {
  try {
    const stored = decodeSafetensors(await readFile(path))
    const found = stored.metadata.get('format')
    if (found !== format) throw new SafetensorsError(found === undefined ? 'it was not written by this studio' : `it is a "${found}" file where a "${format}" file is wanted`)
    return read(stored)
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

function kindIn(metadata: StoredTensors['metadata']): Model['kind'] {
  const kind = metadata.get('kind')
  if (kind !== 'language-model' && kind !== 'reward-model') throw new SafetensorsError(`it holds a "${kind}", which this version does not know`)
  return kind
}

const sizes = ['layers', 'heads', 'width', 'contextTokens', 'vocabulary'] as const

/** @param tensors how many the file holds: no configuration can want more, so none is believed that would */
function configIn(metadata: StoredTensors['metadata'], tensors: number): GptConfig {
  const config = recordIn(metadata, 'config', (value) => typeof value === 'number' || typeof value === 'string')
  if (config['architecture'] !== 'gpt') throw new SafetensorsError(`its architecture is "${config['architecture']}", which this version does not know`)
  for (const size of sizes) {
    if (!Number.isSafeInteger(config[size]) || (config[size] as number) < 1) throw new SafetensorsError(`its configuration has no proper "${size}"`)
  }
  const { layers, heads, width, contextTokens, vocabulary } = config as Record<(typeof sizes)[number], number>
  if (width % heads !== 0) throw new SafetensorsError(`its ${heads} heads do not divide a width of ${width}`)
  if (layers > tensors) throw new SafetensorsError(`its configuration speaks of ${layers} layers, and there are only ${tensors} tensors`)
  return { architecture: 'gpt', layers, heads, width, contextTokens, vocabulary }
}

function tokenizerIn(metadata: StoredTensors['metadata'], { vocabulary }: GptConfig): Tokenizer {
  const { type, characters } = recordIn(metadata, 'tokenizer', () => true)
  if (type !== 'character') throw new SafetensorsError(`its tokenizer is of type "${String(type)}", which this version does not know`)
  if (!Array.isArray(characters) || !characters.every((character) => typeof character === 'string')) throw new SafetensorsError('its tokenizer does not list its characters')
  const tokenizer = characterTokenizerOf(characters)
  if (tokenizer.vocabulary !== vocabulary) throw new SafetensorsError(`its tokenizer has ${tokenizer.vocabulary} tokens and its configuration ${vocabulary}`)
  return tokenizer
}

function characterTokenizerOf(characters: readonly string[]): Tokenizer {
  try {
    return characterTokenizer({ type: 'character', characters })
  } catch (error) {
    throw new SafetensorsError((error as Error).message)
  }
}

const lineageIn = (metadata: StoredTensors['metadata']): Lineage => recordIn(metadata, 'lineage', (value) => typeof value === 'string') as Lineage

/** A JSON object in the metadata whose values are all as `isValue` wants them. */
function recordIn(metadata: StoredTensors['metadata'], name: string, isValue: (value: unknown) => boolean): Record<string, unknown> {
  let record: unknown
  try {
    record = JSON.parse(metadata.get(name) ?? 'null')
  } catch {
    throw new SafetensorsError(`its metadata "${name}" is not JSON`)
  }
  if (typeof record !== 'object' || record === null || Array.isArray(record) || !Object.values(record).every(isValue)) throw new SafetensorsError(`its metadata "${name}" is missing or wrong`)
  return record as Record<string, unknown>
}

/** The spec, when the file has exactly its tensors in exactly its shapes. */
function matching(spec: ParameterSpec, tensors: ReadonlyMap<string, StoredTensor>): ParameterSpec {
  for (const [name, shape] of Object.entries(spec)) {
    const found = tensors.get(name)
    if (!found) throw new SafetensorsError(`the tensor "${name}" is missing`)
    if (found.shape.join() !== shape.join()) throw new SafetensorsError(`the tensor "${name}" has the shape [${found.shape}] where [${shape}] is wanted`)
  }
  const stranger = [...tensors.keys()].find((name) => !Object.hasOwn(spec, name))
  if (stranger !== undefined) throw new SafetensorsError(`the tensor "${stranger}" does not belong to this model`)
  return spec
}
