/** Models and resumable states as files: safetensors, complete or absent, read tensor by tensor. */
import { crc32 } from 'node:zlib'
import { StudioFailure } from '../../src-shared/result'
import { heldIn } from '../compute/eight-bit-parameters'
import { sizeOf, type Parameters } from '../compute/parameters'
import {
  adapterFileSpec,
  adapterFormat,
  baseOf,
  checkBase,
  pathOfBase,
  rememberChecksum,
  rememberFile,
} from './adapters/adapter-file'
import { isAdapterTensor } from './adapters/adapter-names'
import { withAdapters } from './adapters/adapters'
import type { Model, ModelConfig, RewardHead } from './model'
import { checkFormat, headerOf, modelFormat, objectIn, type Lineage, type ModelHeader } from './model-header'
import { specOf, trunkSpec } from './trunk-parameters'
import { openByteFile } from './weights/byte-file'
import { checked, withChecksums } from './weights/checksums'
import { refuse, refusingFile } from './weights/refusal'
import { roomFor } from './weights/room'
import {
  encodeSafetensors,
  readSafetensors,
  type HeldTensor,
  type SafetensorsFile,
} from './weights/safetensors'
import { readInto, wayRoundOf } from './weights/held-weights'
import { readNumbers, type StoredTensor } from './weights/stored-tensor'
import { writeWhole } from './weights/whole-file'

/** What a run needs beside its model to go on (a trainer's ResumeState). */
export interface ResumeTensors {
  readonly step: number
  readonly tensors: Readonly<Record<string, Float32Array>>
  readonly numbers: Readonly<Record<string, number>>
}

const resumeFormat = 'rlhf-studio resume 1'

export interface LoadedModel {
  readonly model: Model
  readonly lineage: Lineage
}

/**
 * Writes a model, or of one with adapters these alone: beside them the file only names the one its trunk was
 * loaded from.
 * @returns bytes of the file.
 * @throws StudioFailure when the disk is full; nothing is left behind then
 */
export async function saveModel(path: string, model: Model, lineage: Lineage): Promise<number> {
  const { kind, config, tokenizer, parameters, adapters = [], origin } = model
  const head = headOf(model)
  const whole = specOf(kind, config, head)
  const hasAdapters = adapters.length > 0
  if (
    Object.keys(parameters.spec)
      .filter((name) => !(hasAdapters && isAdapterTensor(name)))
      .join() !== Object.keys(whole).join()
  )
    throw new Error(`these are not the parameters of a ${kind} alone`)
  const spec = hasAdapters ? adapterFileSpec(kind, config, adapters, head) : whole
  const tensors = new Map(
    Object.entries(spec).map(([name, shape]) => [name, { shape, data: parameters.view(name) }]),
  )
  const described = {
    kind,
    config: JSON.stringify(config),
    tokenizer: JSON.stringify(tokenizer.definition),
    ...(head && { head: JSON.stringify(head) }),
    ...(origin && { origin: JSON.stringify(origin) }),
  }
  if (!hasAdapters)
    return writeWhole(
      path,
      encoded(tensors, { format: modelFormat, ...described, lineage: JSON.stringify(lineage) }),
    )
  const { name, ...base } = baseOf(model, path)
  const beside = { adapters: JSON.stringify(adapters), base: JSON.stringify(base) }
  return writeWhole(
    path,
    encoded(tensors, {
      format: adapterFormat,
      ...described,
      ...beside,
      lineage: JSON.stringify({ ...lineage, base: name }),
    }),
  )
}

/** How large matrices of a model are held that nobody trains. */
export type HeldAs = '32-bit' | '8-bit'

/**
 * @param loadBase loads what adapters stand on; a shelf (`model-shelf.ts`) gives what is in memory already
 * @throws StudioFailure `refused-file`, saying what is wrong with the file
 */
export async function loadModel(
  path: string,
  loadBase: (path: string) => Promise<LoadedModel> = loadModel,
  heldAs: HeldAs = '32-bit',
): Promise<LoadedModel> {
  return reading(path, async (stored) => {
    const header = headerOf(stored)
    const { kind, config, tokenizer, lineage, adapters, head, origin } = header
    const beside = { ...(head && { head }), ...(origin && { origin }) }
    const own = header.base
      ? roomFor(adapterFileSpec(kind, config, adapters, head))
      : roomFor(specOf(kind, config, head), undefined, heldAs === '8-bit' ? wayRoundOf(config) : undefined)
    await readAll(stored, own, config)
    if (header.base)
      return {
        model: {
          kind,
          config,
          tokenizer,
          parameters: withAdapters(await baseParameters(path, header, loadBase), adapters, own),
          adapters,
          ...beside,
        },
        lineage,
      }
    rememberFile(own, path, lineage)
    return { model: { kind, config, tokenizer, parameters: own, ...beside }, lineage }
  })
}

/** Reads a file's tensors in the order in which a checksum goes over them. */
async function readAll({ tensors }: SafetensorsFile, own: Parameters, config: ModelConfig): Promise<void> {
  const trunk = trunkSpec(config)
  const isSummed = heldIn(own).size > 0
  let sum = 0
  for (const name of Object.keys(own.spec)) {
    const isOfTrunk = Object.hasOwn(trunk, name)
    await readInto(own, tensors.get(name) as StoredTensor, (numbers) => {
      if (isSummed && isOfTrunk) sum = crc32(numbers, sum)
    })
  }
  if (isSummed) rememberChecksum(own, sum)
}

const encoded = (
  tensors: ReadonlyMap<string, HeldTensor>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array[] => encodeSafetensors(tensors, withChecksums(tensors, metadata))

const headOf = (model: Model): RewardHead | undefined =>
  model.kind === 'reward-model' ? model.head : undefined

async function baseParameters(
  path: string,
  { config, base }: ModelHeader,
  loadBase: (path: string) => Promise<LoadedModel>,
): Promise<Parameters> {
  if (!base) return refuse('it does not say which model it stands on')
  const { model } = await loadBase(pathOfBase(path, base)).catch((error: unknown) => {
    if (error instanceof StudioFailure && error.error.kind === 'refused-file')
      return refuse(`the model it stands on, “${base.file}”, cannot be used: ${error.error.problem}`)
    throw error
  })
  checkBase(model, config, base, `the model it stands on, “${base.file}”,`)
  return model.parameters
}

/** @returns bytes of the file. @throws StudioFailure when the disk is full; nothing is left behind then */
export async function saveResume(path: string, { step, tensors, numbers }: ResumeTensors): Promise<number> {
  for (const [name, value] of Object.entries(numbers))
    if (!Number.isFinite(value)) throw new Error(`the number "${name}" to resume with is ${value}`)
  const stored = new Map(
    Object.entries(tensors).map(([name, data]) => [name, { shape: [data.length], data }]),
  )
  return writeWhole(
    path,
    encoded(stored, { format: resumeFormat, step: String(step), numbers: JSON.stringify(numbers) }),
  )
}

/** @throws StudioFailure `refused-file`, saying what is wrong with the file */
export async function loadResume(path: string): Promise<ResumeTensors> {
  return reading(path, async ({ tensors, metadata }) => {
    checkFormat(metadata, resumeFormat)
    const step = Number(metadata.get('step'))
    if (!Number.isSafeInteger(step) || step < 0) refuse('its step is not a count')
    const numbers = objectIn(metadata, 'numbers')
    if (!Object.values(numbers).every((value) => typeof value === 'number'))
      refuse('its numbers are not numbers')
    const held: Record<string, Float32Array> = {}
    for (const [name, tensor] of tensors)
      await readNumbers(tensor, (held[name] = new Float32Array(sizeOf(tensor.shape))))
    return { step, numbers: numbers as Record<string, number>, tensors: held }
  })
}

async function reading<T>(path: string, work: (stored: SafetensorsFile) => Promise<T>): Promise<T> {
  return refusingFile(path, async () => {
    const file = await openByteFile(path)
    try {
      return await work(checked(await readSafetensors(file)))
    } finally {
      await file.close()
    }
  })
}
