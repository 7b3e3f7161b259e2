/** Copies of fixtures to be spoiled, and how they are spoiled. */
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { ForeignModel } from '../../../src-main/model/importing/format'
import { importModel } from '../../../src-main/model/importing/import-model'
import { encodeSafetensors, type HeldTensor } from '../../../src-main/model/weights/safetensors'
import { StudioFailure } from '../../../src-shared/result'
import { fixture } from './fixtures'
import { decodeSafetensors } from './memory-file'

const going = new AbortController().signal
export const imported = (path: string, base?: string): Promise<ForeignModel> => importModel(path, going, base)

/** @returns the copy's folder, in `folder` */
export async function copyOf(name: string, folder: string): Promise<string> {
  const copy = join(folder, name)
  await cp(fixture(name), copy, { recursive: true })
  return copy
}

export async function expectRefused(
  path: string,
  file: string,
  problem: string | RegExp,
  base?: string,
): Promise<void> {
  const failure = await imported(path, base).then(
    () => 'it was imported',
    (error: unknown) => error,
  )
  expect(failure).toBeInstanceOf(StudioFailure)
  expect((failure as StudioFailure).error).toMatchObject({
    kind: 'refused-file',
    file,
    problem: typeof problem === 'string' ? expect.stringContaining(problem) : expect.stringMatching(problem),
  })
}

export async function changeTensors(
  path: string,
  change: (tensors: Map<string, HeldTensor>) => Map<string, HeldTensor>,
  file = 'model.safetensors',
): Promise<void> {
  const { tensors, metadata } = await decodeSafetensors(await readFile(join(path, file)))
  await writeFile(join(path, file), Buffer.concat(encodeSafetensors(change(tensors), metadata)))
}

export async function changeJson(path: string, file: string, change: Record<string, unknown>): Promise<void> {
  await writeFile(
    join(path, file),
    JSON.stringify({ ...(JSON.parse(await readFile(join(path, file), 'utf8')) as object), ...change }),
  )
}
