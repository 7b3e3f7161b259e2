/**
 * What a model's file says of itself, checked, without its numbers: kind, sizes, tokenizer, lineage. Loads no
 * TensorFlow.js.
 */
import { stat } from 'node:fs/promises'
import { sizeOf, type ParameterSpec } from '../compute/parameters'
import {
  adapterFileSpec,
  adapterFormat,
  parsedAdapters,
  parsedBase,
  type BaseFile,
} from './adapters/adapter-file'
import type { Adapter, Model, ModelConfig, Origin, RewardHead, Tokenizer } from './model'
import { parseConfig } from './model-config'
import { tokenizerOf } from './tokenizers/definitions'
import { specOf } from './trunk-parameters'
import { openByteFile } from './weights/byte-file'
import { isObject } from './weights/json-file'
import { believed, refuse, refusingFile } from './weights/refusal'
import { checked } from './weights/checksums'
import { readSafetensors, type SafetensorsFile } from './weights/safetensors'

/** Where a model comes from: facts for whoever opens the file, here or elsewhere. */
export type Lineage = Readonly<Record<string, string>>

export interface ModelHeader {
  readonly kind: Model['kind']
  readonly config: ModelConfig
  readonly tokenizer: Tokenizer
  readonly lineage: Lineage
  /** How many numbers the model has, those it stands on too. */
  readonly parameters: number
  readonly adapters: readonly Adapter[]
  /** Of one that was read from a folder. */
  readonly origin?: Origin
  /** Of a reward model that says more than one plain number. */
  readonly head?: RewardHead
  /** The model its adapters stand on, when the file holds them alone. */
  readonly base?: BaseFile
}

export const modelFormat = 'rlhf-studio model 1'

/**
 * The headers read last, by file as it was: a large tokenizer takes a second to build, and a form asks again
 * with every key.
 */
const remembered = new Map<string, ModelHeader>()
const mostRemembered = 8

/** Reads the beginning of a file. @throws StudioFailure `refused-file`, saying what is wrong with it */
export async function readModelHeader(path: string): Promise<ModelHeader> {
  return refusingFile(path, async () => {
    const { ino, size, mtimeMs } = await stat(path)
    const key = [path, ino, size, mtimeMs].join()
    const header = remembered.get(key) ?? (await readHeader(path))
    remembered.delete(key)
    remembered.set(key, header)
    for (const [oldest] of remembered) if (remembered.size > mostRemembered) remembered.delete(oldest)
    return header
  })
}

async function readHeader(path: string): Promise<ModelHeader> {
  const file = await openByteFile(path)
  try {
    return headerOf(checked(await readSafetensors(file)))
  } finally {
    await file.close()
  }
}

/** @throws WeightsError when the file is no model, or its tensors are not those of the model it says it is */
export function headerOf({ metadata, tensors }: SafetensorsFile): ModelHeader {
  const isAdapter = metadata.get('format') === adapterFormat
  if (!isAdapter) checkFormat(metadata, modelFormat)
  const kind = kindIn(metadata)
  const config = configIn(metadata, isAdapter ? undefined : tensors.size)
  const adapters = isAdapter ? parsedAdapters(jsonIn(metadata, 'adapters'), config) : []
  const head =
    kind === 'reward-model' && metadata.has('head')
      ? believed(() => parsedHead(objectIn(metadata, 'head')))
      : undefined
  const whole = specOf(kind, config, head)
  const own = adapterFileSpec(kind, config, adapters, head)
  checkTensors(isAdapter ? own : whole, tensors)
  const parameters = Object.values({ ...whole, ...own }).reduce((count, shape) => count + sizeOf(shape), 0)
  return {
    kind,
    config,
    tokenizer: tokenizerIn(metadata, config),
    lineage: textsIn(metadata, 'lineage'),
    parameters,
    adapters,
    ...(head && { head }),
    ...(metadata.has('origin') && { origin: originIn(metadata) }),
    ...(isAdapter && { base: parsedBase(objectIn(metadata, 'base')) }),
  }
}

function originIn(metadata: SafetensorsFile['metadata']): Origin {
  const { config, generation } = objectIn(metadata, 'origin')
  return isObject(config) && isObject(generation)
    ? { config, generation }
    : refuse('it does not say what its folder said of it')
}

/** Of a model whose tensors are in another file. */
const mostLayers = 1000

/** @throws WeightsError when the file is of another kind, or of no kind of ours */
export function checkFormat(metadata: SafetensorsFile['metadata'], format: string): void {
  const found = metadata.get('format')
  if (found === undefined) refuse('it was not written by this studio')
  if (found !== format) refuse(`it is a "${found}" file where a "${format}" file is wanted`)
}

function kindIn(metadata: SafetensorsFile['metadata']): Model['kind'] {
  const kind = metadata.get('kind')
  if (kind !== 'language-model' && kind !== 'reward-model')
    refuse(`it holds a "${kind}", which this version does not know`)
  return kind
}

/**
 * @param tensors of the whole model, if it is there: no configuration can want fewer than it has layers, so
 *   none is believed that does
 */
function configIn(metadata: SafetensorsFile['metadata'], tensors: number | undefined): ModelConfig {
  const config = believed(() => parseConfig(objectIn(metadata, 'config')))
  if (tensors === undefined && config.layers > mostLayers)
    refuse(`its configuration speaks of ${config.layers} layers: more than ${mostLayers} are not believed`)
  if (tensors !== undefined && config.layers > tensors)
    refuse(`its configuration speaks of ${config.layers} layers, and there are only ${tensors} tensors`)
  return config
}

const mostBins = 10_000
const mostHeads = 1000

/** @throws Error in words */
function parsedHead({ bins, ensemble, steps, hasSegments }: Readonly<Record<string, unknown>>): RewardHead {
  if (typeof hasSegments !== 'boolean') throw new Error('its head does not say whether it has segments')
  if (steps !== undefined) return { steps: parsedSteps(steps), hasSegments }
  if (ensemble !== undefined) return { ensemble: parsedEnsemble(ensemble), hasSegments }
  if (bins === undefined) return { hasSegments }
  const { count, lowest, highest } = Object(bins) as Record<string, unknown>
  const isRange = typeof lowest === 'number' && typeof highest === 'number' && lowest < highest
  if (!Number.isSafeInteger(count) || (count as number) < 2 || (count as number) > mostBins || !isRange)
    throw new Error('its head has no proper bins')
  return { bins: { count: count as number, lowest, highest }, hasSegments }
}

/** @throws Error in words */
function parsedEnsemble(ensemble: unknown): NonNullable<RewardHead['ensemble']> {
  const { heads, caution } = Object(ensemble) as Record<string, unknown>
  const isCount = Number.isSafeInteger(heads) && (heads as number) >= 2 && (heads as number) <= mostHeads
  if (!isCount || typeof caution !== 'number' || caution < 0)
    throw new Error('its head is no proper ensemble')
  return { heads: heads as number, caution }
}

/** @throws Error in words */
function parsedSteps(steps: unknown): NonNullable<RewardHead['steps']> {
  const { joined } = Object(steps) as Record<string, unknown>
  if (joined !== 'product' && joined !== 'least')
    throw new Error('its head does not say how steps are joined')
  return { joined }
}

function checkTensors(spec: ParameterSpec, tensors: SafetensorsFile['tensors']): void {
  for (const [name, shape] of Object.entries(spec)) {
    const has = tensors.get(name)
    if (!has) return refuse(`the tensor "${name}" is missing`)
    if (has.shape.join() !== shape.join())
      refuse(`the tensor "${name}" has the shape [${has.shape}] where [${shape}] is wanted`)
    if (has.type !== 'F32') refuse(`the tensor "${name}" is of type ${has.type} where F32 is wanted`)
  }
  const stranger = [...tensors.keys()].find((name) => !Object.hasOwn(spec, name))
  if (stranger !== undefined) refuse(`the tensor "${stranger}" does not belong to this model`)
}

function tokenizerIn(metadata: SafetensorsFile['metadata'], { vocabulary }: ModelConfig): Tokenizer {
  const definition = objectIn(metadata, 'tokenizer')
  const tokenizer = believed(() => tokenizerOf(definition))
  const isPadded =
    // embeddings are often a little larger, for speed
    /^(hugging-face|rwkv)$/.test(tokenizer.definition.type) && tokenizer.vocabulary < vocabulary
  if (tokenizer.vocabulary !== vocabulary && !isPadded)
    refuse(`its tokenizer has ${tokenizer.vocabulary} tokens and its configuration ${vocabulary}`)
  return tokenizer
}

function textsIn(metadata: SafetensorsFile['metadata'], name: string): Readonly<Record<string, string>> {
  const texts = objectIn(metadata, name)
  if (!Object.values(texts).every((value) => typeof value === 'string'))
    refuse(`its metadata "${name}" is missing or wrong`)
  return texts as Record<string, string>
}

/** A JSON object in the metadata. @throws WeightsError */
export function objectIn(metadata: SafetensorsFile['metadata'], name: string): Record<string, unknown> {
  const value = jsonIn(metadata, name)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    refuse(`its metadata "${name}" is missing or wrong`)
  return value as Record<string, unknown>
}

function jsonIn(metadata: SafetensorsFile['metadata'], name: string): unknown {
  try {
    return JSON.parse(metadata.get(name) ?? 'null')
  } catch {
    return refuse(`its metadata "${name}" is not JSON`)
  }
}
