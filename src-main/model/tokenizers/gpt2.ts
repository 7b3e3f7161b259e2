/**
 * GPT-2's tokenizer (Radford et al. 2019, §2.2), from the list of merges that OpenAI published: 50,257
 * tokens, ids as everywhere.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { resourcesFolder } from '../../places/resources-folder'
import { bpeTokenizer, type BpeVocabulary } from './bpe'
import { bytesInOrder, letterOfByte } from './byte-letters'
import type { Tokenizer } from './tokenizer'

let read: Tokenizer | undefined

/** Reads its vocabulary when it is first asked for. */
export function gpt2Tokenizer(): Tokenizer {
  read ??= bpeTokenizer(gpt2Vocabulary(), 'GPT-2', { type: 'gpt2' })
  return read
}

export const gpt2Vocabulary = (): BpeVocabulary => ({
  bytes: bytesInOrder,
  merges: mergesIn(readFileSync(join(resourcesFolder(), 'tokenizers/gpt2/vocab.bpe'), 'utf8')),
  specials: ['<|endoftext|>'],
})

/** Lines of two tokens each, written in letters for bytes; the first line is a version. */
function mergesIn(file: string): Int32Array {
  const idOf = new Map(Array.from(bytesInOrder, (byte, id) => [letterOfByte[byte]!, id]))
  const lines = file
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
  const merges = new Int32Array(2 * lines.length)
  lines.forEach((line, place) => {
    const [left = '', right = ''] = line.split(' ')
    merges[2 * place] = idOf.get(left)!
    merges[2 * place + 1] = idOf.get(right)!
    idOf.set(left + right, idOf.size)
  })
  return merges
}
