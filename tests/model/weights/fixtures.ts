/**
 * The models that Hugging Face's library and llama.cpp's package wrote; `tests/fixtures/models/models.py`
 * made them.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeSafetensors } from './memory-file'

export const fixture = (name: string): string => join(import.meta.dirname, '../../fixtures/models', name)

export interface Expected {
  readonly ids: readonly (readonly number[])[]
  /** [rows · positions · vocabulary] */
  readonly logits: Float32Array
  /** Texts and their ids. */
  readonly encoded: readonly (readonly [text: string, ids: readonly number[]])[]
}

/** What Hugging Face's library says of a model. */
export async function expectedOf(name: string): Promise<Expected> {
  const { tensors, metadata } = await decodeSafetensors(await readFile(fixture(name)))
  return {
    ids: JSON.parse(metadata['ids']!),
    logits: tensors.get('logits')!.data,
    encoded: JSON.parse(metadata['encoded']!),
  }
}
