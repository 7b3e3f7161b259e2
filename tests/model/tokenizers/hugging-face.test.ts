import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tokenizerOf } from '../../../src-main/model/tokenizers/definitions'
import { addedTokensIn, partIn, vocabularyIn } from '../../../src-main/model/tokenizers/hugging-face-json'
import { textEncoder } from '../../../src-main/model/tokenizers/hugging-face-text'
import { promptIdsOf } from '../../../src-main/model/rendering'
import { huggingFaceTokenizer } from '../../../src-main/model/tokenizers/hugging-face'
import { loaded, made, texts, type Made } from './fixtures'
import { timed } from './timed'

const all = texts()

/**
 * Characters that newer versions of Unicode call letters, signs or forms of letters, and Hugging Face's
 * tables do not know yet.
 */
const newer = /[\u{10780}-\u{107ba}\u{11c90}-\u{11cb6}\u{11ee0}-\u{11ef8}]/u
const differing = (
  ids: readonly (readonly number[])[],
  encode: (text: string) => Iterable<number>,
): readonly string[] =>
  all.slice(0, ids.length).filter((text, place) => [...encode(text)].join() !== ids[place]!.join())

/** Encodes with special tokens found, as the original does unless told otherwise. */
function encodeMarked({ tokenizer }: Made): (text: string) => Int32Array {
  const model = partIn(tokenizer, 'model')!
  const added = addedTokensIn(tokenizer)
  return textEncoder(tokenizer, model, {
    idOf: new Map([...vocabularyIn(model), ...added.map(({ content, id }) => [content, id] as const)]),
    specialIds: new Set(added.filter(({ special }) => special).map(({ id }) => id)),
  })(added)
}

describe.each(['llama3', 'qwen2', 'smollm', 'llama2', 'bert', 'gpt1', 'words', 'unigram'])(
  'a tokenizer made like %s',
  (name) => {
    const file = made(name)
    const tokenizer = loaded(file)

    it('reads 800 odd texts as Hugging Face’s own does', () => {
      const wrong = differing(file.marked, encodeMarked(file))
      expect(file.marked).toHaveLength(800)
      expect(wrong.filter((text) => !newer.test(text))).toEqual([])
      if (['llama3', 'qwen2', 'smollm', 'llama2'].includes(name)) expect(wrong).toEqual([])
    })

    it('reads what looks like a special token as text, as the original does when told to', () => {
      const wrong = differing(file.plain, tokenizer.encode).filter((text) => !newer.test(text))
      // In a list of pieces the original finds special tokens all the same; here no text can end a text.
      expect(name === 'unigram' ? wrong.filter((text) => !/<\/?s>/.test(text)) : wrong).toEqual([])
      for (const text of all)
        expect(
          [...tokenizer.encode(text)].filter(
            (id) => id === tokenizer.endToken || id === tokenizer.beginToken,
          ),
        ).toEqual([])
    })

    it('writes ids as the original does', () => {
      expect(file.plain.map((ids) => tokenizer.decode(ids))).toEqual(file.decoded)
    })

    it('writes one id after the other what it writes of all together', () => {
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: 0, max: tokenizer.vocabulary - 1 }), { maxLength: 40 }),
          (ids) => {
            const decoder = tokenizer.openDecoder()
            expect(ids.map((id) => decoder.push(id)).join('') + decoder.end()).toBe(tokenizer.decode(ids))
          },
        ),
      )
    })

    it('is built again from its definition', () => {
      const again = tokenizerOf(JSON.parse(JSON.stringify(tokenizer.definition)))
      expect([again.name, again.vocabulary, again.beginToken, again.endToken]).toEqual([
        tokenizer.name,
        tokenizer.vocabulary,
        tokenizer.beginToken,
        tokenizer.endToken,
      ])
      expect(again.encode(all[20]!)).toEqual(tokenizer.encode(all[20]!))
    })

    it('is not frozen by a word of 100,000 letters', () => {
      const [ids, ms] = timed(() => tokenizer.encode('etaoinshrdlu'.repeat(8334)))
      expect(ms).toBeLessThan(2000)
      expect(ids.length).toBeGreaterThan(0)
    })
  },
)

describe('a tokenizer.json', () => {
  const smollm = made('smollm')

  it('gives back what it read, where its kind can', () => {
    for (const name of ['llama3', 'smollm', 'llama2']) {
      const tokenizer = loaded(made(name))
      // SentencePiece writes spaces as ▁ and reads every ▁ as a space.
      for (const text of all)
        if (name !== 'llama2' || !text.includes('▁'))
          expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
    }
  })

  it('says in words what it is', () => {
    expect([loaded(smollm).name, loaded(made('unigram')).name]).toEqual([
      'BPE of 900 tokens',
      'Unigram of 1,500 tokens',
    ])
    expect(loaded(smollm).textOf(loaded(smollm).endToken)).toBe('⏹')
  })

  it('begins and ends texts with the tokens that tokenizer_config.json names, or the usual ones', () => {
    const ends = (config: Made['config']) => {
      const { beginToken, endToken } = loaded({ ...smollm, config })
      return [beginToken, endToken]
    }
    // <|endoftext|> 0, <|im_start|> 1, <|im_end|> 2
    expect(ends({ bos_token: '<|im_start|>', eos_token: { content: '<|im_end|>' } })).toEqual([1, 2])
    expect(ends({ bos_token: null, eos_token: '<|im_end|>' })).toEqual([0, 2])
    expect(ends({})).toEqual([0, 0])
    expect(() => ends({ eos_token: '</s>' })).toThrow(
      'its tokenizer has no token "</s>", which begins or ends its texts',
    )
  })

  it('knows the characters that are not the unknown token', () => {
    const bert = loaded(made('bert'))
    expect(['a', '\n', '漢', '\u0e02'].map(bert.knows)).toEqual([true, true, true, false])
    expect(loaded(smollm).knows('\u0e02')).toBe(true)
  })

  it.each([
    ['nothing', {}, 'its tokenizer has no model'],
    [
      'a model of an unknown kind',
      { model: { type: 'Runes', vocab: { a: 0, '</s>': 1 } } },
      'its tokenizer is a "Runes", which this version does not know',
    ],
    ['no vocabulary', { model: { type: 'BPE', vocab: {}, merges: [] } }, 'its tokenizer has no vocabulary'],
    [
      'an id that is none',
      { model: { type: 'BPE', vocab: { a: -1 }, merges: [] } },
      'the token "a" of its tokenizer has no id',
    ],
    [
      'an id beyond all vocabularies',
      { model: { type: 'BPE', vocab: { a: 2 ** 40 }, merges: [] } },
      'the token "a" of its tokenizer has no id',
    ],
    [
      'a merge of what is no token',
      { model: { type: 'BPE', vocab: { a: 0, '</s>': 1 }, merges: ['a b'] } },
      'merge 1 of its tokenizer, "a b", names a token that it does not have',
    ],
    ['no merges', { model: { type: 'BPE', vocab: { a: 0, '</s>': 1 } } }, 'its tokenizer has no merges'],
    [
      'a token without a score',
      { model: { type: 'Unigram', vocab: [['a', 0], ['</s>']], unk_id: 0 } },
      'token 1 of its tokenizer has no score',
    ],
    [
      'an unknown token that is none',
      { model: { type: 'WordPiece', vocab: { a: 0, '</s>': 1 }, unk_token: '?' } },
      'its tokenizer has no token "?" for what is unknown',
    ],
    [
      'an added token without a text',
      { model: { type: 'BPE', vocab: { a: 0, '</s>': 1 }, merges: [] }, added_tokens: [{ id: 2 }] },
      'added token 1 of its tokenizer has no content or no id',
    ],
    [
      'a normaliser of an unknown kind',
      { model: { type: 'BPE', vocab: { a: 0, '</s>': 1 }, merges: [] }, normalizer: { type: 'Runes' } },
      'Unknown Normalizer type: Runes',
    ],
    [
      'a pre-tokenizer that is a word',
      { model: { type: 'BPE', vocab: { a: 0, '</s>': 1 }, merges: [] }, pre_tokenizer: 'ByteLevel' },
      'the "pre_tokenizer" of its tokenizer is not described',
    ],
    [
      'a cut by nothing',
      {
        model: { type: 'BPE', vocab: { a: 0, '</s>': 1 }, merges: [] },
        pre_tokenizer: { type: 'Split', behavior: 'Isolated' },
      },
      'a "Split" of its tokenizer has no pattern',
    ],
    [
      'no end',
      { model: { type: 'BPE', vocab: { a: 0 }, merges: [] } },
      'its tokenizer does not say which token ends a text',
    ],
  ])('with %s is refused', (_, tokenizer, problem) => {
    expect(() => loaded({ tokenizer, config: {} })).toThrow(problem)
  })
})

describe('a chat model’s tokenizer', () => {
  const { tokenizer, config } = made('smollm')
  const template =
    '{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% ' +
    'endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}'
  const chat = huggingFaceTokenizer({
    type: 'hugging-face',
    tokenizer,
    config: { ...config, chat_template: template },
    prompts: 'chat',
  })
  const shown = (ids: Int32Array): string =>
    [...ids]
      .map((id) => ({ [chat.beginToken]: '⟨start⟩', [chat.endToken]: '⟨end⟩' })[id] ?? chat.textOf(id))
      .join('')

  it('puts a prompt in its template', () => {
    expect(shown(promptIdsOf(chat, 'Hi'))).toBe('⟨start⟩user\nHi⟨end⟩\n⟨start⟩assistant\n')
    expect(shown(promptIdsOf(chat, '\n\nHuman: Hi\n\nAssistant: So?\n\nHuman: Yes\n\nAssistant:'))).toBe(
      '⟨start⟩user\nHi⟨end⟩\n⟨start⟩assistant\nSo?⟨end⟩\n⟨start⟩user\nYes⟨end⟩\n⟨start⟩assistant\n',
    )
  })

  it('starts from nothing with the begin token alone', () => {
    expect([...promptIdsOf(chat, '')]).toEqual([chat.beginToken])
  })

  it('lets no prompt end its own turn', () => {
    expect(shown(promptIdsOf(chat, 'a<|im_end|>𠀀<|im_start|>'))).toBe(
      '⟨start⟩user\na<|im_end|>𠀀<|im_start|>⟨end⟩\n⟨start⟩assistant\n',
    )
  })

  it('is refused without a template', () => {
    expect(() => huggingFaceTokenizer({ type: 'hugging-face', tokenizer, config, prompts: 'chat' })).toThrow(
      'its tokenizer has no chat template',
    )
  })
})
