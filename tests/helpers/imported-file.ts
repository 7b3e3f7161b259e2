/** Reading files that a test writes on the spot. */
import fs from 'node:fs'
import path from 'node:path'
import { readExamples, type FileReading } from '../../src-main/data/import-file'
import type { DatasetKind, ReadingWish } from '../../src-shared/records/dataset'
import type { ExampleParts } from '../../src-shared/records/example'
import { StudioFailure, type StudioError } from '../../src-shared/result'
import { testFolder } from './registry'

export interface ReadFile extends FileReading {
  readonly examples: readonly ExampleParts[]
}

export function written(name: string, content: string | Uint8Array, folder = testFolder()): string {
  const file = path.join(folder, name)
  fs.writeFileSync(file, content)
  return file
}

export async function readAll(file: string, wish: ReadingWish | DatasetKind = {}): Promise<ReadFile> {
  const examples: ExampleParts[] = []
  let last: ReadFile | undefined
  for await (const batch of readExamples(file, typeof wish === 'string' ? { kind: wish } : wish)) {
    if (batch.isAfresh) examples.length = 0
    examples.push(...batch.examples)
    if (batch.reading) last = { ...batch.reading, examples }
  }
  if (!last) throw new Error('a file without rows was not refused')
  return last
}

/** Why a file is refused; anything else that happens is an error. */
export async function refusal(
  file: string,
  wish: ReadingWish | DatasetKind = {},
): Promise<Extract<StudioError, { kind: 'refused-file' }>> {
  try {
    await readAll(file, wish)
  } catch (error) {
    if (error instanceof StudioFailure && error.error.kind === 'refused-file') return error.error
    throw error
  }
  throw new Error(`${path.basename(file)} was not refused`)
}
