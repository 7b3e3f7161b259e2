import { describe, expect, it } from 'vitest'
import { seeded, type Random } from '../../../src-main/maths/random'
import { huggingFaceTokenizer } from '../../../src-main/model/tokenizers/hugging-face'
import type { Json } from '../../../src-main/model/tokenizers/hugging-face-json'
import { rwkvTokenizer } from '../../../src-main/model/tokenizers/rwkv'
import { made } from './fixtures'

const files = ['smollm', 'llama2', 'qwen2', 'unigram', 'bert', 'gpt1', 'words'].map((name) =>
  shortened(made(name)),
)

/** The same with few tokens: the damage is to be seen, and ten thousand times. */
function shortened({ tokenizer, config }: { readonly tokenizer: Json; readonly config: Json }): {
  readonly tokenizer: Json
  readonly config: Json
} {
  const model = tokenizer['model'] as {
    readonly vocab: Json | readonly unknown[]
    readonly merges?: readonly (readonly [string, string])[]
  }
  const few = Array.isArray(model.vocab)
    ? model.vocab.slice(0, 60)
    : Object.fromEntries(Object.entries(model.vocab).filter(([, id]) => (id as number) < 400))
  const merges = model.merges
    ?.filter(([left, right]) => [left, right, left + right].every((token) => token in few))
    .slice(0, 40)
  return {
    tokenizer: { ...tokenizer, model: { ...model, vocab: few, ...(merges && { merges }) } },
    config: { ...config, chat_template: '{% for message in messages %}{{ message.content }}{% endfor %}' },
  }
}

const odd: readonly unknown[] = [
  null,
  -1,
  0,
  3,
  1e15,
  1.5,
  true,
  '',
  'x',
  '▁',
  'ByteLevel',
  'Sequence',
  '(',
  '[a-',
  '\\',
  [],
  {},
  [[]],
  [null],
  { type: 'Sequence' },
  { type: 'Runes' },
  { Regex: '(?<=' },
]
const pick = <T>(all: readonly T[], random: Random): T => all[Math.floor(random() * all.length)]!

/** A copy in which one place, found by walking down at random, holds something else or is gone. */
function damaged(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random() < 0.1) return pick(odd, random)
  const keys = Object.keys(value)
  if (keys.length === 0) return pick(odd, random)
  const key = pick(keys, random)
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>
  if (random() < 0.15) delete copy[key]
  else copy[key] = damaged(copy[key], random)
  return copy
}

describe('a damaged tokenizer file', () => {
  it('is refused in words or read, never half, ten thousand times', () => {
    const random = seeded(5)
    let refused = 0
    let slowestMs = 0
    for (let time = 0; time < 10_000; time++) {
      const whole = pick(files, random)
      let hurt: unknown = whole
      for (let blow = 0; blow < 1 + Math.floor(random() * 3); blow++) hurt = damaged(hurt, random)
      const { tokenizer, config } = { ...whole, ...Object(hurt) } as typeof whole
      const startedMs = performance.now()
      try {
        const read = huggingFaceTokenizer({
          type: 'hugging-face',
          tokenizer: Object(tokenizer),
          config: Object(config),
          prompts: pick(['plain', 'chat'], random),
        })
        expect(typeof read.decode(read.encode('Any text, 7 times.'))).toBe('string')
      } catch (error) {
        refused++
        expect(error).toBeInstanceOf(Error)
        expect([(error as Error).constructor.name, (error as Error).message]).toEqual([
          'Error',
          expect.stringMatching(/\S/),
        ])
      }
      slowestMs = Math.max(slowestMs, performance.now() - startedMs)
    }
    expect(refused).toBeGreaterThan(1000)
    expect(refused).toBeLessThan(9000)
    expect(slowestMs).toBeLessThan(1000)
  })

  it('of RWKV is, too', () => {
    const random = seeded(6)
    const whole =
      Array.from(
        { length: 256 },
        (_, byte) => `${byte + 1} b'\\x${byte.toString(16).padStart(2, '0')}' 1\n`,
      ).join('') + "257 'ab' 2\n258 'é' 2\n"
    for (let time = 0; time < 10_000; time++) {
      const at = Math.floor(random() * whole.length)
      const vocabulary =
        whole.slice(0, at) +
        pick(['', '\n', "'", '\\', ' ', '9', '\0', 'é', 'b'], random) +
        whole.slice(at + Math.floor(random() * 4))
      try {
        const read = rwkvTokenizer({ type: 'rwkv', vocabulary })
        expect(read.decode(read.encode('abé'))).toBe('abé')
      } catch (error) {
        expect((error as Error).message).toMatch(/^(line \d+ of the vocabulary|the vocabulary has no token)/)
      }
    }
  })
})
