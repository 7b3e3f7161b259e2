/**
 * Models and resumable states as files: safetensors, complete or absent. A file is written under a temporary name, brought to
 * the disk, renamed, and its folder brought to the disk, so that a name that is there stands for a whole file.
 */
import { open, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { StudioFailure } from '../../src-shared/result'
import { allocate } from '../compute/parameters'
import type { Model } from './model'
import { checkFormat, headerOf, modelFormat, objectIn, refusingFile, type Lineage } from './model-header'
import { decodeLayout, decodeSafetensors, decodeTensors, encodeSafetensors, SafetensorsError } from './safetensors'
import { specOf } from './trunk-parameters'

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
  return refusingFile(path, async () => {
    const bytes = await readFile(path)
    const layout = decodeLayout(bytes, bytes.length)
    const { kind, config, tokenizer, lineage } = headerOf(layout)
    const parameters = allocate(specOf(kind, config))
    for (const [name, { data }] of decodeTensors(bytes, layout)) parameters.view(name).set(data)
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
  return refusingFile(path, async () => {
    const { tensors, metadata } = decodeSafetensors(await readFile(path))
    checkFormat(metadata, resumeFormat)
    const step = Number(metadata.get('step'))
    if (!Number.isSafeInteger(step) || step < 0) throw new SafetensorsError('its step is not a count')
    const numbers = objectIn(metadata, 'numbers')
    if (!Object.values(numbers).every((value) => typeof value === 'number')) throw new SafetensorsError('its numbers are not numbers')
    return { step, numbers: numbers as Record<string, number>, tensors: Object.fromEntries([...tensors].map(([name, { data }]) => [name, data.slice()])) }
  })
}

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
