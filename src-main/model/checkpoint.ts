/** Models and resumable states as files: safetensors, complete or absent, read tensor by tensor. */
import { allocate, sizeOf } from '../compute/parameters'
import type { Model } from './model'
import { checkFormat, headerOf, modelFormat, objectIn, type Lineage } from './model-header'
import { specOf } from './trunk-parameters'
import { openByteFile } from './weights/byte-file'
import { refuse, refusingFile } from './weights/refusal'
import { encodeSafetensors, readSafetensors, type SafetensorsFile } from './weights/safetensors'
import { readNumbers } from './weights/stored-tensor'
import { writeWhole } from './weights/whole-file'

/** What a run needs beside its model to go on (a trainer's ResumeState). */
export interface ResumeTensors {
  readonly step: number
  readonly tensors: Readonly<Record<string, Float32Array>>
  readonly numbers: Readonly<Record<string, number>>
}

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
  return reading(path, async (stored) => {
    const { kind, config, tokenizer, lineage } = headerOf(stored)
    const parameters = allocate(specOf(kind, config))
    for (const [name, tensor] of stored.tensors) await readNumbers(tensor, parameters.view(name))
    return { model: { kind, config, tokenizer, parameters }, lineage }
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
  return reading(path, async ({ tensors, metadata }) => {
    checkFormat(metadata, resumeFormat)
    const step = Number(metadata.get('step'))
    if (!Number.isSafeInteger(step) || step < 0) refuse('its step is not a count')
    const numbers = objectIn(metadata, 'numbers')
    if (!Object.values(numbers).every((value) => typeof value === 'number')) refuse('its numbers are not numbers')
    const held: Record<string, Float32Array> = {}
    for (const [name, tensor] of tensors) await readNumbers(tensor, held[name] = new Float32Array(sizeOf(tensor.shape)))
    return { step, numbers: numbers as Record<string, number>, tensors: held }
  })
}

async function reading<T>(path: string, work: (stored: SafetensorsFile) => Promise<T>): Promise<T> {
  return refusingFile(path, async () => {
    const file = await openByteFile(path)
    try {
      return await work(await readSafetensors(file))
    } finally {
      await file.close()
    }
  })
}
