/** From what is stored of a tokenizer to the tokenizer. */
import { plainFormNames } from '../../../src-shared/plain-forms'
import { byteTokenizer } from './byte'
import { characterTokenizer } from './character'
import { gpt2Tokenizer } from './gpt2'
import { huggingFaceTokenizer } from './hugging-face'
import { isObject, type Json } from './hugging-face-json'
import { rwkvTokenizer } from './rwkv'
import { withPlainForm, type Tokenizer } from './tokenizer'
import { trainedBpeTokenizer } from './train-bpe'

/**
 * @param stored a `TokenizerDefinition`, or whatever a file says is one.
 * @throws Error saying what is wrong with it
 */
export function tokenizerOf(stored: Readonly<Record<string, unknown>>): Tokenizer {
  const tokenizer = byType(stored)
  const form = plainFormNames.find((name) => name === stored['plainForm'])
  return form ? withPlainForm(tokenizer, form) : tokenizer
}

function byType(stored: Readonly<Record<string, unknown>>): Tokenizer {
  switch (stored['type']) {
    case 'character':
      return characterTokenizer({ type: 'character', characters: textsIn(stored, 'characters') })
    case 'byte':
      return byteTokenizer
    case 'gpt2':
      return gpt2Tokenizer()
    case 'bpe':
      return trainedBpeTokenizer({
        type: 'bpe',
        merges: mergesIn(stored),
        specials: textsIn(stored, 'specials'),
      })
    case 'hugging-face':
      return huggingFaceTokenizer({
        type: 'hugging-face',
        tokenizer: filesIn(stored, 'tokenizer'),
        config: filesIn(stored, 'config'),
        prompts: stored['prompts'] === 'chat' ? 'chat' : 'plain',
        ...(Array.isArray(stored['ends']) && { ends: stored['ends'].filter(isWhole) }),
      })
    case 'rwkv':
      return rwkvTokenizer({ type: 'rwkv', vocabulary: textIn(stored, 'vocabulary') })
    default:
      throw new Error(
        `its tokenizer is of type "${String(stored['type'])}", which this version does not know`,
      )
  }
}

const isWhole = (id: unknown): id is number => Number.isSafeInteger(id) && (id as number) >= 0

function textsIn(stored: Readonly<Record<string, unknown>>, name: string): readonly string[] {
  const texts = stored[name]
  if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string'))
    throw new Error(`its tokenizer does not list its ${name}`)
  return texts
}

function textIn(stored: Readonly<Record<string, unknown>>, name: string): string {
  const text = stored[name]
  if (typeof text !== 'string') throw new Error(`its tokenizer has no ${name}`)
  return text
}

function filesIn(stored: Readonly<Record<string, unknown>>, name: string): Json {
  const file = stored[name]
  if (!isObject(file)) throw new Error(`its tokenizer has no ${name}`)
  return file
}

function mergesIn(stored: Readonly<Record<string, unknown>>): readonly number[] {
  const merges = stored['merges']
  if (
    !Array.isArray(merges) ||
    merges.length % 2 !== 0 ||
    !merges.every((id) => Number.isSafeInteger(id) && id >= 0)
  )
    throw new Error('its tokenizer does not list its merges')
  return merges
}
