/** What other programs made of the same texts; tests/fixtures/tokenizers/tokenizers.py says how. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { huggingFaceTokenizer } from '../../../src-main/model/tokenizers/hugging-face'
import type { Tokenizer } from '../../../src-main/model/tokenizers/tokenizer'

const read = <T>(name: string): T =>
  JSON.parse(
    gunzipSync(
      readFileSync(new URL(`../../fixtures/tokenizers/${name}.json.gz`, import.meta.url)),
    ).toString(),
  ) as T

export const texts = (): readonly string[] => read('texts')
export const gpt2Ids = (): readonly (readonly number[])[] => read('gpt2')

type File = Readonly<Record<string, unknown>>

export interface Made {
  readonly tokenizer: File
  readonly config: File
  /** Ids of the first texts: special tokens found, and read as text. */
  readonly marked: readonly (readonly number[])[]
  readonly plain: readonly (readonly number[])[]
  /** Texts of the plain ids, special tokens left out. */
  readonly decoded: readonly string[]
}

export const made = (name: string): Made => read(name)
export const loaded = ({ tokenizer, config }: Pick<Made, 'tokenizer' | 'config'>): Tokenizer =>
  huggingFaceTokenizer({ type: 'hugging-face', tokenizer, config, prompts: 'plain' })

/**
 * A part of the vocabulary of the RWKV World models, and what their own tokenizer makes of all texts with it.
 */
export const rwkv = (): { readonly vocabulary: string; readonly ids: readonly (readonly number[])[] } =>
  read('rwkv')
