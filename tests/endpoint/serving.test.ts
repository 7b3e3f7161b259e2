/** The studio's own switch, and the page's stream of a conversation, over a real warm process. */
import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { byteChatTokenizer } from '../helpers/chat-tokenizer'
import { testFolder } from '../helpers/registry'
import { testStudio } from '../helpers/test-studio'
import { tinyCheckpoint } from '../helpers/tiny-model'

const template = "{% for message in messages %}{{ message['content'] }}{% endfor %}>"
const sampling = { temperature: 0, topK: 0, topP: 1, maxTokens: 6, seed: 3 }

async function open() {
  const folder = testFolder()
  const checkpoint = await tinyCheckpoint(folder, {
    seed: 5,
    spread: 8,
    tokenizer: byteChatTokenizer(template),
  })
  return { checkpoint, studio: await testStudio({ folder }) }
}

describe('a conversation over the border', () => {
  it('is written, goes on from what was begun, and is what programs outside are given', async () => {
    const { checkpoint, studio } = await open()
    const prompt = { turns: [{ role: 'user', content: 'hi' }] }
    const input = { checkpointId: checkpoint.id, prompt, sampling }
    const pieces = await studio.follow('chat.write', input)
    const whole = pieces.map(({ text }) => text).join('')
    expect(pieces.at(-1)).toMatchObject({ promptTokens: 3, tokens: 6, ended: 'cut' })

    const begun = whole.slice(0, 2)
    const rest = await studio.follow('chat.write', {
      ...input,
      begun,
      sampling: { ...sampling, maxTokens: 4 },
    })
    expect(begun + rest.map(({ text }) => text).join('')).toBe(whole)

    expect(await studio.ask('serving.state', {})).toEqual({ requests: 0 })
    const { baseUrl, apiKey } = await studio.ask('serving.start', {})
    const client = new OpenAI({ baseURL: baseUrl!, apiKey: apiKey!, maxRetries: 0 })
    const { choices } = await client.chat.completions.create({
      model: checkpoint.name,
      messages: [{ role: 'user', content: 'hi' }],
      temperature: 0,
      max_tokens: 6,
    })
    expect(choices[0]!.message.content).toBe(whole)
    expect(await studio.ask('serving.stop', {})).toEqual({ requests: 1 })
    await expect(client.models.list()).rejects.toThrow()
    // again with the address and the key that programs were given
    expect(await studio.ask('serving.start', {})).toEqual({ baseUrl, apiKey, requests: 1 })
  })

  it('refuses best of n, which shows nothing until the end', async () => {
    const { checkpoint, studio } = await open()
    await expect(
      studio.follow('chat.write', {
        checkpointId: checkpoint.id,
        prompt: 'hi',
        sampling: { ...sampling, bestOf: 2, scorer: 'length' },
      }),
    ).rejects.toThrow('bestOf')
  })
})
