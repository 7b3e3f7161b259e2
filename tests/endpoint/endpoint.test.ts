/** OpenAI's own client, and requests by hand, against checkpoints that are served by a real warm process. */
import { request } from 'node:http'
import OpenAI from 'openai'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startEndpoint, type EndpointOptions } from '../../src-main/endpoint/endpoint'
import { servedModels } from '../../src-main/endpoint/served-models'
import { forkNode } from '../../src-main/processes/compute-child'
import type { WriteRequest } from '../../src-main/processes/contract'
import { warmProcess } from '../../src-main/processes/warm-process'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import { builtMain } from '../helpers/built-main'
import { byteChatTokenizer } from '../helpers/chat-tokenizer'
import { testFolder } from '../helpers/registry'
import { tinyCheckpoint, tinyContext } from '../helpers/tiny-model'

const key = 'the-key-of-this-start'

interface Served {
  readonly origin: string
  readonly client: OpenAI
  readonly checkpoint: Checkpoint
  /** What the warm process was asked. */
  readonly asked: readonly WriteRequest[]
  /** How many writings are under way. */
  readonly open: () => number
}

async function served(
  model: Parameters<typeof tinyCheckpoint>[1] = {},
  options: Partial<EndpointOptions> = {},
): Promise<Served> {
  const folder = testFolder()
  const checkpoint = await tinyCheckpoint(folder, { spread: 8, ...model })
  const { computeProcess } = await builtMain()
  const warm = warmProcess(`${folder}/registry.sqlite`, forkNode(computeProcess))
  const asked: WriteRequest[] = []
  let open = 0
  let seed = 0
  const endpoint = await startEndpoint(
    {
      models: () => servedModels([checkpoint]),
      write: async function* (wanted, signal) {
        asked.push(wanted)
        open++
        try {
          yield* warm.write(wanted, signal)
        } finally {
          open--
        }
      },
      key,
      now: () => 1_700_000_000_000,
      drawSeed: () => seed++,
      reportBug: (_, error) => console.error(error),
      ...options,
    },
    0,
  )
  onTestFinished(() => {
    endpoint.close()
    warm.close()
  })
  const origin = `http://127.0.0.1:${endpoint.port}`
  const client = new OpenAI({ baseURL: `${origin}/v1`, apiKey: key, maxRetries: 0 })
  return { origin, client, checkpoint, asked, open: () => open }
}

const chatModel = () => ({ tokenizer: byteChatTokenizer(), seed: 5 })
const hello = [{ role: 'user', content: 'hi' }] as const

function byHand(
  origin: string,
  path: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: string
}> {
  return new Promise((resolve, reject) => {
    request(origin + path, { method, headers }, (response) => {
      let text = ''
      response.on('data', (part: Buffer) => (text += part.toString()))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      )
    })
      .on('error', reject)
      .end(body)
  })
}

const authorization = { authorization: `Bearer ${key}` }

describe('the official client', () => {
  it('lists the models, finds one, and is refused another', async () => {
    const { client, checkpoint } = await served()
    const { data } = await client.models.list()
    expect(data).toEqual([{ id: checkpoint.name, object: 'model', created: 0, owned_by: 'rlhf-studio' }])
    expect(await client.models.retrieve(checkpoint.name)).toMatchObject({ id: checkpoint.name })
    await expect(client.models.retrieve('gpt-5')).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    })
    await expect(client.completions.create({ model: 'gpt-5', prompt: 'a' })).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
      param: 'model',
    })
  })

  it('gets the same text whole and streamed, with the same seed', async () => {
    const { client, checkpoint } = await served()
    const ask = { model: checkpoint.name, prompt: 'the ', max_tokens: 12, seed: 4 } as const
    const whole = await client.completions.create(ask)
    expect(whole).toMatchObject({ object: 'text_completion', created: 1_700_000_000, model: checkpoint.name })
    let text = ''
    const reasons: (string | null)[] = []
    for await (const chunk of await client.completions.create({ ...ask, stream: true })) {
      text += chunk.choices[0]?.text ?? ''
      reasons.push(chunk.choices[0]?.finish_reason ?? null)
    }
    expect(text).toBe(whole.choices[0]!.text)
    expect(reasons.at(-1)).toBe(whole.choices[0]!.finish_reason)
    expect(reasons.slice(0, -1).every((reason) => reason === null)).toBe(true)
    const other = await client.completions.create({ ...ask, seed: 5 })
    expect(other.choices[0]!.text).not.toBe(text)
  })

  it('is told of a limit as length, and how many tokens were read and written', async () => {
    const { client, checkpoint } = await served()
    const { choices, usage } = await client.completions.create({
      model: checkpoint.name,
      prompt: 'the ',
      max_tokens: 1,
      temperature: 0,
    })
    expect(choices[0]!.finish_reason).toBe('length')
    // a begin token and four letters; one letter written
    expect(usage).toMatchObject({ prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 })
  })

  it('has several choices of several prompts, each prompt counted once', async () => {
    const { client, checkpoint } = await served()
    const { choices, usage } = await client.completions.create({
      model: checkpoint.name,
      prompt: ['a', 'the'],
      n: 4,
      max_tokens: 6,
      seed: 1,
    })
    expect(choices.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(new Set(choices.slice(0, 4).map(({ text }) => text)).size).toBeGreaterThan(1)
    expect(usage!.prompt_tokens).toBe(2 + 4)
  })

  it('stops before a stop text, also where it comes in parts', async () => {
    const { client, checkpoint } = await served()
    const ask = { model: checkpoint.name, prompt: 'the ', max_tokens: 20, seed: 4 } as const
    const full = (await client.completions.create(ask)).choices[0]!.text
    const stop = full.slice(3, 6)
    const first = full.indexOf(stop)
    const { choices } = await client.completions.create({ ...ask, stop: ['', stop] })
    expect(choices[0]).toMatchObject({ text: full.slice(0, first), finish_reason: 'stop' })
    let text = ''
    for await (const chunk of await client.completions.create({ ...ask, stop, stream: true }))
      text += chunk.choices[0]!.text
    expect(text).toBe(full.slice(0, first))
  })

  it('sees each token with its log-probability and the likeliest, which at temperature 0 are the drawn', async () => {
    const { client, checkpoint } = await served()
    const ask = {
      model: checkpoint.name,
      prompt: 'the ',
      max_tokens: 5,
      temperature: 0,
      logprobs: 3,
    } as const
    const { choices } = await client.completions.create(ask)
    const { tokens, token_logprobs, top_logprobs, text_offset } = choices[0]!.logprobs!
    expect(tokens!.join('')).toBe(choices[0]!.text)
    expect(text_offset).toEqual(tokens!.map((_, place) => place)) // a token a letter
    for (const [place, token] of tokens!.entries()) {
      const top = top_logprobs![place]!
      expect(Object.keys(top)).toHaveLength(3)
      expect(top[token]).toBe(token_logprobs![place])
      expect(Math.max(...Object.values(top))).toBe(token_logprobs![place])
      expect(Object.values(top).reduce((sum, each) => sum + Math.exp(each), 0)).toBeLessThanOrEqual(1.000001)
    }
    const streamed: string[] = []
    for await (const chunk of await client.completions.create({ ...ask, stream: true }))
      streamed.push(...(chunk.choices[0]!.logprobs?.tokens ?? []))
    expect(streamed).toEqual(tokens)
  })
})

describe('chat with the official client', () => {
  it('is of the model’s own template, with roles, parts, null contents and a developer', async () => {
    const { client, checkpoint, asked } = await served(chatModel())
    await client.chat.completions
      .create({
        model: checkpoint.name,
        max_tokens: 1,
        messages: [
          { role: 'developer', content: 'be' },
          { role: 'user', content: [{ type: 'text', text: 'a' }] },
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
          },
          { role: 'tool', content: '3', tool_call_id: 'c1' },
        ],
      })
      .catch(() => {}) // longer than the tiny context: what was asked is what counts
    expect(asked[0]!.prompts).toEqual([
      {
        turns: [
          { role: 'system', content: 'be' },
          { role: 'user', content: 'a' },
          { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'f', arguments: '{}' }] },
          { role: 'tool', content: '3', toolCallId: 'c1' },
        ],
      },
    ])
  })

  it('streams a role first, then words, then how it ended, and usage last where it was asked for', async () => {
    const { client, checkpoint } = await served({ ...chatModel(), tokenizer: byteChatTokenizer(short) })
    const ask = { model: checkpoint.name, messages: [...hello], max_completion_tokens: 4, seed: 2 }
    const whole = await client.chat.completions.create(ask)
    const chunks = []
    for await (const chunk of await client.chat.completions.create({
      ...ask,
      stream: true,
      stream_options: { include_usage: true },
    }))
      chunks.push(chunk)
    expect(chunks[0]!.choices[0]!.delta).toMatchObject({ role: 'assistant', content: '' })
    expect(chunks.at(-2)!.choices[0]).toMatchObject({
      delta: {},
      finish_reason: whole.choices[0]!.finish_reason,
    })
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage })
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true)
    const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')
    expect(text).toBe(whole.choices[0]!.message.content)
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1)
    // the two letters of “hi” and the opening “>”
    expect(whole.usage!.prompt_tokens).toBe(3)
  })

  it('tells tokens with bytes and the likeliest', async () => {
    const { client, checkpoint } = await served({ ...chatModel(), tokenizer: byteChatTokenizer(short) })
    const { choices } = await client.chat.completions.create({
      model: checkpoint.name,
      messages: [...hello],
      max_tokens: 4,
      logprobs: true,
      top_logprobs: 2,
      seed: 2,
    })
    const told = choices[0]!.logprobs!.content!
    expect(told.length).toBeGreaterThan(0)
    for (const { top_logprobs, logprob } of told) {
      expect(top_logprobs).toHaveLength(2)
      expect(top_logprobs[0]!.logprob).toBeGreaterThanOrEqual(top_logprobs[1]!.logprob)
      expect(top_logprobs[0]!.logprob).toBeGreaterThanOrEqual(logprob)
    }
  })

  it('goes on from what an assistant began', async () => {
    const { client, checkpoint, asked } = await served({
      ...chatModel(),
      tokenizer: byteChatTokenizer(short),
    })
    const ask = { model: checkpoint.name, messages: [...hello], temperature: 0, max_tokens: 6 }
    const whole = (await client.chat.completions.create(ask)).choices[0]!.message.content!
    const begun = whole.slice(0, 2)
    const rest = await client.chat.completions.create({
      ...ask,
      max_tokens: 4,
      messages: [...hello, { role: 'assistant', content: begun }],
      continue_final_message: true,
    } as OpenAI.Chat.ChatCompletionCreateParamsNonStreaming)
    expect(asked[1]!.begun).toBe(begun)
    expect(begun + rest.choices[0]!.message.content).toBe(whole)
  })

  it('says why a conversation is too long, as clients know it', async () => {
    const { client, checkpoint } = await served(chatModel())
    const long = [{ role: 'user', content: 'a'.repeat(tinyContext * 2) }] as const
    for (const stream of [false, true])
      await expect(
        client.chat.completions.create({ model: checkpoint.name, messages: [...long], stream }),
      ).rejects.toMatchObject({ status: 400, code: 'context_length_exceeded' })
  })
})

/** Contents alone, and where the assistant speaks. */
const short = "{% for message in messages %}{{ message['content'] }}{% endfor %}>"

describe('what is not done', () => {
  it.each([
    ['presence_penalty', { presence_penalty: 1 }],
    ['logit_bias', { logit_bias: { 5: 100 } }],
    ['echo', { echo: true }],
    ['suffix', { suffix: 'end' }],
    ['best_of', { best_of: 4 }],
    ['prompt', { prompt: [1, 2, 3] }],
    ['temperature', { temperature: -1 }],
    ['n', { n: 0 }],
    ['max_tokens', { max_tokens: 0 }],
    ['stop', { stop: ['a\u0000b'] }],
  ])('is refused by name: %s', async (param, asked) => {
    const { origin, checkpoint } = await served()
    const { status, body } = await byHand(origin, '/v1/completions', {
      method: 'POST',
      headers: authorization,
      body: JSON.stringify({ model: checkpoint.name, prompt: 'a', ...asked }),
    })
    expect(status).toBe(400)
    expect(JSON.parse(body)).toMatchObject({ error: { param, type: 'invalid_request_error' } })
  })

  it('and what asks for nothing is no matter: neutral values, null, unknown names', async () => {
    const { origin, checkpoint } = await served()
    const { status } = await byHand(origin, '/v1/completions', {
      method: 'POST',
      headers: authorization,
      body: JSON.stringify({
        model: checkpoint.name,
        prompt: 'a',
        presence_penalty: 0,
        logit_bias: {},
        stop: null,
        seed: null,
        max_tokens: null,
        stream: null,
        user: 'someone',
        cache_prompt: true,
      }),
    })
    expect(status).toBe(200)
  })
})

describe('at the door', () => {
  it('the key is wanted, and the Host must be its own', async () => {
    const { origin } = await served()
    expect(await byHand(origin, '/v1/models')).toMatchObject({ status: 401 })
    expect(
      await byHand(origin, '/v1/models', { headers: { authorization: 'Bearer another' } }),
    ).toMatchObject({ status: 401 })
    expect(
      await byHand(origin, '/v1/models', { headers: { ...authorization, host: 'evil.example' } }),
    ).toMatchObject({ status: 403 })
    expect(await byHand(origin, '/v1/models', { headers: authorization })).toMatchObject({ status: 200 })
    expect(await byHand(origin, '/v1/nothing', { headers: authorization })).toMatchObject({ status: 404 })
    expect(await byHand(origin, '/v1/completions', { headers: authorization })).toMatchObject({ status: 405 })
  })

  it('pages from elsewhere are refused, and let in when they were named', async () => {
    const from = { ...authorization, origin: 'https://chat.example' }
    const { origin } = await served()
    expect(await byHand(origin, '/v1/models', { headers: from })).toMatchObject({ status: 403 })
    const open = await served({}, { origins: ['https://chat.example'] })
    const asked = await byHand(open.origin, '/v1/chat/completions', {
      method: 'OPTIONS',
      headers: { origin: 'https://chat.example', 'access-control-request-headers': 'authorization' },
    })
    expect(asked).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': 'https://chat.example',
        'access-control-allow-headers': 'authorization',
      },
    })
    expect(await byHand(open.origin, '/v1/models', { headers: from })).toMatchObject({ status: 200 })
    expect(
      await byHand(open.origin, '/v1/models', {
        headers: { ...authorization, origin: 'https://other.example' },
      }),
    ).toMatchObject({ status: 403 })
  })

  it.each(['', '{', '[]', 'null', '"text"'])('a body that is no object is refused: %s', async (body) => {
    const { origin } = await served()
    expect(
      await byHand(origin, '/v1/chat/completions', { method: 'POST', headers: authorization, body }),
    ).toMatchObject({ status: 400 })
  })
})

describe('a stream', () => {
  it('ends with [DONE], and with an error instead when what writes is lost', async () => {
    const { origin, checkpoint } = await served()
    const ask = (model: string) => ({
      method: 'POST',
      headers: authorization,
      body: JSON.stringify({ model, prompt: 'a', stream: true, seed: 1, max_tokens: 4 }),
    })
    const good = await byHand(origin, '/v1/completions', ask(checkpoint.name))
    expect(good.headers['content-type']).toContain('text/event-stream')
    expect(good.body.endsWith('data: [DONE]\n\n')).toBe(true)

    const broken = await served(
      {},
      {
        write: async function* () {
          yield { index: 0, text: 'a', tokens: 1, promptTokens: 1 }
          throw new Error('gone')
        },
        reportBug: () => {},
      },
    )
    const lost = await byHand(broken.origin, '/v1/completions', ask(broken.checkpoint.name))
    expect(lost.body).not.toContain('[DONE]')
    expect(lost.body).toContain('"server_error"')
    const reading = async () => {
      for await (const _ of await broken.client.completions.create({
        model: broken.checkpoint.name,
        prompt: 'a',
        stream: true,
      }));
    }
    await expect(reading()).rejects.toThrow('Something broke')
  })

  it('is no longer written when the client has gone, streamed or not', async () => {
    const waiting: (() => void)[] = []
    const { client, checkpoint, open } = await served(
      {},
      {
        write: async function* (_, signal) {
          for (let tokens = 1; !signal.aborted; tokens++) {
            yield { index: 0, text: 'a', tokens, promptTokens: 1 }
            await new Promise((resolve) => setTimeout(resolve, 5))
          }
          waiting.forEach((tell) => tell())
        },
      },
    )
    const gone = () => new Promise<void>((resolve) => waiting.push(resolve))
    const streamedGone = gone()
    const stream = await client.completions.create({ model: checkpoint.name, prompt: 'a', stream: true })
    for await (const _ of stream) break
    await streamedGone
    waiting.length = 0
    const wholeGone = gone()
    const leaving = new AbortController()
    const whole = client.completions.create(
      { model: checkpoint.name, prompt: 'a' },
      { signal: leaving.signal },
    )
    setTimeout(() => leaving.abort(), 50)
    await expect(whole).rejects.toThrow()
    await wholeGone
    expect(open()).toBe(0)
  })
})
