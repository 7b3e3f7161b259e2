import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seeded } from '../../../src-main/maths/random'
import { loadModel, saveModel } from '../../../src-main/model/checkpoint'
import { createLanguageModel } from '../../../src-main/model/language-model'
import { readModelHeader } from '../../../src-main/model/model-header'
import { byteTokenizer } from '../../../src-main/model/tokenizers/byte'
import { trainCharacterTokenizer } from '../../../src-main/model/tokenizers/character'
import { gpt2Tokenizer } from '../../../src-main/model/tokenizers/gpt2'
import { huggingFaceTokenizer } from '../../../src-main/model/tokenizers/hugging-face'
import { rwkvTokenizer } from '../../../src-main/model/tokenizers/rwkv'
import type { Tokenizer } from '../../../src-main/model/tokenizers/tokenizer'
import { trainBpeTokenizer } from '../../../src-main/model/tokenizers/train-bpe'
import { tinyConfig } from '../tiny'
import { made, rwkv, texts } from './fixtures'

const odd = texts().slice(0, 200)
const chatTemplate =
  '{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% ' +
  'endfor %}<|im_start|>assistant\n'

const kinds: readonly (readonly [string, () => Tokenizer])[] = [
  ['characters', () => trainCharacterTokenizer(odd)],
  ['bytes', () => byteTokenizer],
  [
    'learned BPE',
    () => trainBpeTokenizer(texts(), { vocabulary: 4000, specials: ['<|user|>', '<|endoftext|>'] }),
  ],
  ['GPT-2', gpt2Tokenizer],
  [
    'a byte-level tokenizer.json',
    () =>
      huggingFaceTokenizer({
        type: 'hugging-face',
        tokenizer: made('qwen2').tokenizer,
        config: made('qwen2').config,
        prompts: 'plain',
      }),
  ],
  [
    'a tokenizer.json of pieces',
    () =>
      huggingFaceTokenizer({
        type: 'hugging-face',
        tokenizer: made('llama2').tokenizer,
        config: made('llama2').config,
        prompts: 'plain',
      }),
  ],
  [
    'a chat model',
    () =>
      huggingFaceTokenizer({
        type: 'hugging-face',
        tokenizer: made('smollm').tokenizer,
        config: { ...made('smollm').config, chat_template: chatTemplate },
        prompts: 'chat',
      }),
  ],
  ['RWKV World', () => rwkvTokenizer({ type: 'rwkv', vocabulary: rwkv().vocabulary })],
]

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenizer-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe.each(kinds)('a checkpoint with the tokenizer of %s', (_, make) => {
  it('reads and writes as before when it is opened again', async () => {
    const tokenizer = make()
    const path = join(folder, 'model.safetensors')
    await saveModel(
      path,
      createLanguageModel({ ...tinyConfig, vocabulary: tokenizer.vocabulary }, tokenizer, seeded(1)),
      {},
    )
    for (const again of [(await readModelHeader(path)).tokenizer, (await loadModel(path)).model.tokenizer]) {
      expect([again.name, again.vocabulary, again.beginToken, again.endToken]).toEqual([
        tokenizer.name,
        tokenizer.vocabulary,
        tokenizer.beginToken,
        tokenizer.endToken,
      ])
      for (const text of odd) {
        const ids = tokenizer.encodeFirst(text)
        expect(again.encodeFirst(text)).toEqual(ids)
        expect(again.decode(ids)).toBe(tokenizer.decode(ids))
      }
      expect(again.definition).toEqual(tokenizer.definition)
    }
  })
})

describe('a checkpoint’s header', () => {
  it('is built once, and again when the file is another', async () => {
    const path = join(folder, 'model.safetensors')
    const save = (tokenizer: Tokenizer) =>
      saveModel(
        path,
        createLanguageModel({ ...tinyConfig, vocabulary: tokenizer.vocabulary }, tokenizer, seeded(1)),
        {},
      )
    await save(gpt2Tokenizer())
    expect(await readModelHeader(path)).toBe(await readModelHeader(path))
    await save(byteTokenizer)
    expect((await readModelHeader(path)).tokenizer.name).toBe('256 bytes')
  })
})
