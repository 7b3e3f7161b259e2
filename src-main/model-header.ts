/** What a model's file says of itself, read without its numbers: main asks tokenizers what they know and computes nothing. */
import { open, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { StudioFailure } from '../src-shared/result'
import { characterTokenizer } from './model/character-tokenizer'
import type { GptConfig, Model, Tokenizer, TokenizerDefinition } from './model/model'

export interface ModelHeader {
  readonly kind: Model['kind']
  readonly config: GptConfig
  readonly tokenizer: Tokenizer
  readonly lineage: Readonly<Record<string, string>>
  /** How many numbers it holds. */
  readonly parameters: number
}

type Header = Readonly<Record<string, { readonly shape: readonly number[] }>> & { readonly __metadata__?: Readonly<Record<string, string>> }

/** No header of ours comes near it. */
const mostHeaderBytes = 16 * 1024 * 1024

/** @throws StudioFailure refused-file, when it is gone or no model of this studio */
export async function readModelHeader(path: string): Promise<ModelHeader> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => refuse(path, error.code === 'ENOENT' ? 'it is not there any more' : `it cannot be read (${error.code})`))
  try {
    const { __metadata__: metadata = refuse(path, 'it was not written by this studio'), ...tensors } = JSON.parse(await headerText(path, file)) as Header
    return {
      kind: metadata['kind'] as Model['kind'],
      config: JSON.parse(metadata['config'] ?? '') as GptConfig,
      tokenizer: characterTokenizer(JSON.parse(metadata['tokenizer'] ?? '') as TokenizerDefinition),
      lineage: JSON.parse(metadata['lineage'] ?? '{}') as Record<string, string>,
      parameters: Object.values(tensors).reduce((sum, { shape }) => sum + shape.reduce((size, length) => size * length, 1), 0),
    }
  } catch (error) {
    if (error instanceof SyntaxError) return refuse(path, 'it is no model of this studio')
    throw error
  } finally {
    await file.close()
  }
}

/** Safetensors: eight bytes of length, then that much JSON. */
async function headerText(path: string, file: FileHandle): Promise<string> {
  const length = Buffer.alloc(8)
  const { bytesRead } = await file.read(length, 0, 8, 0)
  const bytes = bytesRead === 8 ? length.readBigUInt64LE() : 0n
  if (bytes === 0n || bytes > mostHeaderBytes) refuse(path, 'it is no model of this studio')
  const text = Buffer.alloc(Number(bytes))
  const read = await file.read(text, 0, text.length, 8)
  if (read.bytesRead < text.length) refuse(path, 'the file is cut short')
  return text.toString('utf8')
}

function refuse(path: string, problem: string): never {
  throw new StudioFailure({ kind: 'refused-file', file: basename(path), problem })
}
