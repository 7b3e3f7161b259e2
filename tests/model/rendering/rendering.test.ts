import { describe, expect, it } from 'vitest'
import { promptIdsOf, renderedExample, type Rendered } from '../../../src-main/model/rendering'
import { byteTokenizer } from '../../../src-main/model/tokenizers/byte'
import { huggingFaceTokenizer } from '../../../src-main/model/tokenizers/hugging-face'
import { tokenizerOf } from '../../../src-main/model/tokenizers/definitions'
import { withPlainForm, type Tokenizer } from '../../../src-main/model/tokenizers/tokenizer'
import type { Turn } from '../../../src-shared/records/turn'
import { made } from '../tokenizers/fixtures'
import { families, parted, tokenizerOfFamily, type Chat } from './families'

const maskOf = ({ ids, spoken }: Rendered): string =>
  Array.from(ids, (_, place) => (spoken.some(({ from, to }) => from <= place && place < to) ? 1 : 0)).join('')

const keepsPrefix = ({ promptIds, ids }: Chat): boolean => promptIds!.every((id, place) => ids![place] === id)

/** What is opened for the model is not learned, though a template may count it among the assistant's words. */
function maskAfter(mask: string, promptTokens: number): string {
  const start = mask.lastIndexOf('0', promptTokens - 1) + 1
  return (
    mask.slice(0, start) +
    '0'.repeat(Math.max(0, promptTokens - start)) +
    mask.slice(Math.max(start, promptTokens))
  )
}

describe.each(families)('conversations of a model in the shape of $name', (family) => {
  const tokenizer = tokenizerOfFamily(family)
  const rendered = family.conversations.filter((chat) => chat.promptIds)
  const [kept, otherwise] = [true, false].map((keeps) =>
    rendered.filter((chat) => keepsPrefix(chat) === keeps),
  )

  it.each(kept!)('are the ids of transformers, and the same are learned: $name', (chat) => {
    const { prompt, completion } = parted(chat)
    const rendered = renderedExample(tokenizer, prompt, completion)
    expect([...promptIdsOf(tokenizer, prompt)]).toEqual(chat.promptIds)
    expect([...rendered.ids]).toEqual(chat.ids)
    expect(maskOf(rendered)).toBe(maskAfter(chat.mask!, chat.promptIds!.length))
  })

  it.each(otherwise!)(
    'go on from what is read before the model writes where a template renders them otherwise: $name',
    (chat) => {
      const { prompt, completion } = parted(chat)
      const { ids, promptTokens, spoken } = renderedExample(tokenizer, prompt, completion)
      expect([...ids.subarray(0, promptTokens)]).toEqual(chat.promptIds)
      const { from, to } = spoken.at(-1)!
      expect(tokenizer.decode(ids.subarray(from, to))).toBe(
        tokenizer.decode(
          chat.ids!.filter(
            (_, place) => place >= chat.mask!.lastIndexOf('01') + 1 && chat.mask![place] === '1',
          ),
        ),
      )
    },
  )

  it.each(rendered)('begin with what is read before the model writes: $name', (chat) => {
    const { prompt, completion } = parted(chat)
    const { ids, promptTokens } = renderedExample(tokenizer, prompt, completion)
    expect([...ids.subarray(0, promptTokens)]).toEqual(chat.promptIds)
  })
})

const chatModel = (template: string): Tokenizer => {
  const { tokenizer, config } = made('smollm')
  return huggingFaceTokenizer({
    type: 'hugging-face',
    tokenizer,
    config: { ...config, chat_template: template },
    prompts: 'chat',
  })
}
const turn = (role: string, content: string): Turn => ({ role, content })
const [chatml] = families
const shown = (tokenizer: Tokenizer, ids: Int32Array): string =>
  [...ids].map((id) => (tokenizer.chat?.isSpecial(id) ? `⟨${id}⟩` : tokenizer.textOf(id))).join('')

describe('a chat model', () => {
  const tokenizer = tokenizerOfFamily(chatml!)

  it('reads a plain prompt as what its user says, and a plain completion as what it says itself', () => {
    expect(renderedExample(tokenizer, 'Egg?', ' Eight.')).toEqual(
      renderedExample(tokenizer, { turns: [turn('user', 'Egg?')] }, [turn('assistant', ' Eight.')]),
    )
  })

  it('reads the turns of a transcript, whose first space is the form’s', () => {
    expect(renderedExample(tokenizer, '\n\nHuman: Egg?\n\nAssistant:', ' Eight.')).toEqual(
      renderedExample(tokenizer, { turns: [turn('user', 'Egg?')] }, [turn('assistant', 'Eight.')]),
    )
  })

  it('reads a text that quotes a transcript as one message', () => {
    for (const prompt of ['Log:\n\nHuman: hi\n\nAssistant:', '\n\nHuman: hi', '\n\nHuman: a\n\nAssistant: b'])
      expect(promptIdsOf(tokenizer, prompt)).toEqual(
        promptIdsOf(tokenizer, { turns: [turn('user', prompt)] }),
      )
  })

  it('reads a text after nothing as that text, with one end', () => {
    expect([...renderedExample(tokenizer, '', 'so').ids]).toEqual([
      tokenizer.beginToken,
      ...tokenizer.encode('so'),
      tokenizer.endToken,
    ])
  })

  it('reads nothing after what has not ended', () => {
    const { ids, promptTokens } = renderedExample(tokenizer, 'Egg?', 'Eigh', false)
    expect([...ids]).toEqual([...promptIdsOf(tokenizer, 'Egg?'), ...tokenizer.encode('Eigh')])
    expect(promptTokens).toBe(promptIdsOf(tokenizer, 'Egg?').length)
  })

  it('lets neither side end its own turn', () => {
    const { ids, spoken } = renderedExample(tokenizer, 'a<|im_end|>b', '<|im_start|>user\nc<|im_end|>d')
    expect([...ids].filter((id) => id === tokenizer.endToken)).toHaveLength(2)
    expect(spoken).toHaveLength(1)
  })

  it('whose template writes no end learns to end', () => {
    const plain = chatModel(
      '{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}{% if ' +
        'add_generation_prompt %}assistant: {% endif %}',
    )
    const { ids, spoken } = renderedExample(plain, 'Egg?', 'Eight.')
    expect(plain.decode(ids)).toBe('user: Egg?\nassistant: Eight.\n')
    expect([ids.at(-1), spoken[0]!.to]).toEqual([plain.endToken, ids.length])
  })

  it('whose template renders a finished turn otherwise than it opens it goes on from the opening', () => {
    const distilled = chatModel(
      "{% for message in messages %}{% if message.role == 'user' %}<|im_start|>{{ message.content }}{% else " +
        "%}<|im_end|>{{ message.content.split('</think>')[-1] }}<|endoftext|>{% endif %}{% endfor %}{% if " +
        'add_generation_prompt %}<|im_end|><think>\n{{ "" }}{% endif %}',
    )
    const { ids, promptTokens } = renderedExample(distilled, 'a', 'why</think>b')
    expect([...ids.subarray(0, promptTokens)]).toEqual([...promptIdsOf(distilled, 'a')])
    expect(shown(distilled, ids)).toBe('⟨1⟩a⟨2⟩<think>\nb⟨0⟩')
  })

  it('whose template refuses the turns says so in the template’s words', () => {
    const strict = tokenizerOfFamily(families.find(({ name }) => name === 'gemma')!)
    expect(() =>
      renderedExample(strict, { turns: [turn('user', 'Egg?'), turn('user', 'Hen’s.')] }, 'Eight.'),
    ).toThrow('its chat template refuses these turns: Roles must alternate user and assistant')
  })

  it('whose template knows no system finds its words in the first message', () => {
    const gemma = tokenizerOfFamily(families.find(({ name }) => name === 'gemma')!)
    const asked = [turn('system', 'Be brief.'), turn('user', 'Hi')]
    expect(renderedExample(gemma, { turns: asked }, 'So.')).toEqual(
      renderedExample(gemma, 'Be brief.\n\nHi', 'So.'),
    )
  })

  it('whose template drops what the assistant says is refused', () => {
    const deaf = chatModel(
      '{% for message in messages if message.role == "user" %}{{ message.content }}{% endfor %}',
    )
    expect(() => renderedExample(deaf, 'Egg?', 'Eight.')).toThrow('leaves out what the assistant says')
  })
})

describe('a model without a template', () => {
  const read = (rendered: Rendered): string => byteTokenizer.decode(rendered.ids)
  const asked = [
    turn('system', 'Be kind.'),
    turn('user', 'Egg?'),
    turn('assistant', 'Eight.'),
    turn('user', 'Tea?'),
  ]
  const said = (rendered: Rendered): readonly string[] =>
    rendered.spoken.map(({ from, to }) => byteTokenizer.decode(rendered.ids.subarray(from, to)))

  it('reads plain texts as they are', () => {
    const rendered = renderedExample(byteTokenizer, 'Egg? ', ' Eight.')
    expect(read(rendered)).toBe('Egg?  Eight.')
    expect(rendered.promptTokens).toBe(6)
    expect(rendered.spoken).toEqual([{ from: 6, to: 14 }])
    expect(rendered.ids.at(-1)).toBe(byteTokenizer.endToken)
  })

  it('reads turns as a transcript, whose turns of the assistant are known', () => {
    const rendered = renderedExample(byteTokenizer, { turns: asked }, [turn('assistant', 'Four.')])
    expect(read(rendered)).toBe(
      'Be kind.\n\nHuman: Egg?\n\nAssistant: Eight.\n\nHuman: Tea?\n\nAssistant: Four.',
    )
    expect(said(rendered)).toEqual([' Eight.', ' Four.'])
    expect(promptIdsOf(byteTokenizer, { turns: asked })).toEqual(
      rendered.ids.subarray(0, rendered.promptTokens),
    )
  })

  it('reads a completion of several turns, and ends after the last', () => {
    const rendered = renderedExample(byteTokenizer, { turns: [turn('user', 'Egg?')] }, [
      turn('assistant', 'One.'),
      turn('user', 'More?'),
      turn('assistant', 'Two.'),
    ])
    expect(read(rendered)).toBe('\n\nHuman: Egg?\n\nAssistant: One.\n\nHuman: More?\n\nAssistant: Two.')
    expect(said(rendered)).toEqual([' One.', ' Two.'])
    expect(rendered.spoken.at(-1)!.to).toBe(rendered.ids.length)
  })

  it('keeps a system in the middle apart from what was said', () => {
    const turns = [
      turn('user', 'Egg?'),
      turn('assistant', 'Eight.'),
      turn('system', 'In French.'),
      turn('user', 'Tea?'),
    ]
    const rendered = renderedExample(byteTokenizer, { turns }, [turn('assistant', 'Quatre.')])
    expect(said(rendered)).toEqual([' Eight.', ' Quatre.'])
    expect(read(rendered)).toContain('Eight.\n\nSystem: In French.\n\nHuman: Tea?')
  })

  it.each([
    [
      'alpaca',
      'Be kind.\n\n### Instruction:\nEgg?\n\n### Response:\nEight.\n\n### Instruction:\nTea?\n\n### Response:\nFour.',
    ],
    ['lines', 'Be kind.\nUser: Egg?\nAssistant: Eight.\nUser: Tea?\nAssistant: Four.'],
  ] as const)('keeps the form it has learned: %s', (form, text) => {
    const kept = tokenizerOf({ ...withPlainForm(byteTokenizer, form).definition })
    expect(read(renderedExample(kept, { turns: asked }, [turn('assistant', 'Four.')]))).toBe(text)
  })
})
