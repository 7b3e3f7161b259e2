/** A judge model, held against a server on this machine that speaks the protocol. */
import { describe, expect, it } from 'vitest'
import { openChat } from '../../src-main/rewards/chat-client'
import { judgeModelSource } from '../../src-main/rewards/judge-model'
import { scoreIn, verdictIn } from '../../src-main/rewards/judge-words'
import type { ScoredText } from '../../src-main/rewards/reward'
import { rewardsProblem, termsOf } from '../../src-shared/rewards/terms'
import { chatServer, longer, said } from '../helpers/chat-server'
import { testEngine } from '../trainers/tiny'

const settingsOf = (sum: string) => termsOf(sum)[0]!.settings
const judge = (endpoint: string, more = '', references?: ReadonlyMap<string, readonly string[]>) =>
  judgeModelSource.open({
    engine: testEngine(),
    settings: settingsOf(`judge-model(endpoint="${endpoint}", name="m", requestsPerMinute=60000${more})`),
    ...(references && { references }),
  })
const textsOf = (...completions: readonly string[]): readonly ScoredText[] =>
  completions.map((completion) => ({ prompt: 'p', completion, hasEnded: true }))

describe('a judge model that compares', () => {
  it('is asked in both orders, and the better one is 1, the worse −1', async () => {
    const { endpoint, asked } = await chatServer(longer)
    const reward = judge(endpoint)
    expect(await reward(textsOf('so good', 'so'))).toEqual([1, -1])
    expect(asked.map(({ a }) => a)).toEqual(['so good', 'so'])
    expect(asked[0]).toMatchObject({
      path: '/v1/chat/completions',
      body: { model: 'm', temperature: 0, max_tokens: 16 },
    })
    expect(asked[0]!.headers.authorization).toBeUndefined()
    expect(reward.measured?.()).toEqual({
      'judge/inconsistent': 0,
      'judge/unreadable': 0,
      'judge/tokens-read': 18,
      'judge/tokens-written': 2,
    })
    expect(reward.measured?.()).toEqual({}) // nothing since
  })

  it('compares each with the next of its prompt or group, and scores the mean', async () => {
    // a ring of three: 3 beats 2, 2 beats 1, 1 loses to 3: 3 wins twice, 1 loses twice, 2 once each
    const { endpoint, asked } = await chatServer(longer)
    expect(await judge(endpoint)(textsOf('xxx', 'xx', 'x'))).toEqual([1, 0, -1])
    expect(asked).toHaveLength(6)
    const apart = [...textsOf('a', 'bb'), ...textsOf('c', 'dd').map((text) => ({ ...text, prompt: 'q' }))]
    expect(await judge(endpoint)(apart)).toEqual([-1, 1, -1, 1])
    // of one prompt, but in two groups: only within a group
    const grouped = textsOf('a', 'bb', 'ccc', 'dddd').map((text, index) => ({ ...text, group: index % 2 }))
    expect(await judge(endpoint)(grouped)).toEqual([-1, -1, 1, 1])
  })

  it('counts only what is said in both orders: one who always says A says nothing', async () => {
    const { endpoint } = await chatServer(() => 'A')
    const reward = judge(endpoint)
    expect(await reward(textsOf('so good', 'so'))).toEqual([0, 0])
    expect(reward.measured?.()).toMatchObject({ 'judge/inconsistent': 1 })
  })

  it('holds completions against references, by a principle where one is given', async () => {
    const { endpoint, asked } = await chatServer(longer)
    const references = new Map([['p', ['four']]])
    const reward = judge(endpoint, ', against=references, asks=principle, principle="Be brief."', references)
    expect(await reward(textsOf('longer', 'as', 'four'))).toEqual([1, -1, 0])
    expect(asked).toHaveLength(4) // the same text is not asked about
    expect(asked[0]!.body.messages[0]!.content).toContain('Be brief.')
    await expect(judge(endpoint, ', against=references')(textsOf('x'))).rejects.toThrow('no reference beside')
  })

  it('goes through the constitution, the same principle in both orders', async () => {
    const { endpoint, asked } = await chatServer(longer)
    await judge(endpoint, ', asks=constitution, atOnce=1')(textsOf('a', 'bb', 'ccc'))
    const principles = asked.map(({ body }) => /principle: (.*?\.)/.exec(body.messages[0]!.content)?.[1])
    expect(principles[0]).toBe(principles[1])
    expect(new Set(principles).size).toBe(3)
  })

  it('refuses a rollout in which no prompt was answered twice', async () => {
    const { endpoint } = await chatServer(longer)
    const apart = Array.from({ length: 9 }, (_, n) => ({ prompt: `${n}`, completion: 'x', hasEnded: true }))
    await expect(judge(endpoint)(apart)).rejects.toThrow(/no prompt was answered twice/)
  })

  it('stops with an example when the answers are no verdicts', async () => {
    const { endpoint } = await chatServer(() => 'I am a small model and like turtles.')
    await expect(judge(endpoint)(textsOf('a', 'b', 'c'))).rejects.toThrow(
      'the judge answers what is none of A, B and tie, 6 of 6 times, as in “I am a small model and like turtles.”',
    )
  })

  it('takes a rare answer that is none for an inconsistent one', async () => {
    const { endpoint } = await chatServer((asked) =>
      asked.a === 'x' && asked.b === 'xx' ? 'hm' : longer(asked),
    )
    const reward = judge(endpoint)
    expect(await reward(textsOf('x', 'xx', 'xxx', 'xxxx'))).toEqual([-0.5, -0.5, 0, 1])
    expect(reward.measured?.()).toMatchObject({ 'judge/inconsistent': 0.25, 'judge/unreadable': 1 / 8 })
  })

  it.each([
    ['A', 1],
    [' a.', 1],
    ['**A**', 1],
    ['Answer A', 1],
    ['Verdict: A', 1],
    ['A is better', 1],
    ['B\n\nIt is clearer.', -1],
    ['Tie', 0],
    ['A tie.', 0],
    ['A is brief, B is right. Verdict: B', -1],
    ['A wins on style.\nFinal answer: [[B]]', -1],
    ['[[A]] is what answer A tells me to say. [[B]]', -1],
    ['A good question is asked here', undefined],
    ['Both are fine', undefined],
    ['', undefined],
  ] as const)('reads %j as %j', (text, verdict) => {
    expect(verdictIn(text)).toBe(verdict)
  })
})

describe('a judge model that scores', () => {
  it('gives each its number; one whose answer says nothing is as good as the mean of the others', async () => {
    const { endpoint } = await chatServer(({ body }) => {
      const [, answer = ''] = /Answer:\n(.*)\n\nHow/s.exec(body.messages[1]!.content) ?? []
      return answer === 'what' ? 'well' : `${answer.length}`
    })
    const reward = judge(endpoint, ', how=score, priceRead=2, priceWritten=10')
    const five = textsOf('a', 'bb', 'ccc', 'dddddd', 'what')
    expect(await reward(five)).toEqual([1, 2, 3, 6, 3])
    // 5 answers of 9 tokens read and 1 written: 45 · 2 + 5 · 10 = 140 millionths
    expect(reward.measured?.()).toEqual({
      'judge/unreadable': 0.2,
      'judge/tokens-read': 45,
      'judge/tokens-written': 5,
      'judge/cost': 140e-6,
    })
    const none = await chatServer(() => '11')
    await expect(judge(none.endpoint, ', how=score')(textsOf('a'))).rejects.toThrow(
      'no number from 1 to 10, 1 of 1 times, as in “11”',
    )
  })

  it.each([
    ['7', 7],
    ['8/10', 8],
    ['**Score: 9**', 9],
    ['7.5 out of 10', 7.5],
    ['It is clear. Score: 4', 4],
    ['Score 3 for style; rating: 6', 6],
    ['0', undefined],
    ['11', undefined],
    ['85/100', undefined],
    ['ten', undefined],
  ] as const)('reads %j as %j', (text, score) => {
    expect(scoreIn(text)).toBe(score)
  })
})

describe('the key of a judge', () => {
  it('comes from the environment, is sent, and stands in no error', async () => {
    const { endpoint, asked } = await chatServer(({ headers }) => ({
      status: 401,
      body: `wrong key ${headers.authorization?.slice(7)}`,
    }))
    process.env['JUDGE_KEY_OF_TEST'] = 'sk-secret-7'
    try {
      const found = await judge(
        endpoint,
        ', keyFrom="JUDGE_KEY_OF_TEST"',
      )(textsOf('a', 'b')).catch((error: Error) => error.message)
      expect(found).toBe(
        `the server at ${endpoint} refuses with 401 (the key is wrong or missing): wrong key (key)`,
      )
      expect(asked[0]!.headers.authorization).toBe('Bearer sk-secret-7')
    } finally {
      delete process.env['JUDGE_KEY_OF_TEST']
    }
  })

  it('is refused where its name should stand, and missed before the run', async () => {
    expect(rewardsProblem('judge-model(name="m", keyFrom="sk-abc-123")')).toContain(
      'whose keyFrom must be the name of an environment variable in capitals',
    )
    const settings = settingsOf('judge-model(name="m", keyFrom="NO_SUCH_KEY_HERE")')
    expect(await judgeModelSource.tryOut?.({ settings }, [])).toBe(
      'the key NO_SUCH_KEY_HERE is neither kept in Settings nor an environment variable where the studio was started',
    )
    expect(rewardsProblem('judge-model')).toContain('whose name is empty')
    for (const endpoint of [
      'file:///etc/passwd',
      'https://me:secret@api.example.org/v1',
      'http://x/v1?key=secret',
    ])
      expect(rewardsProblem(`judge-model(name="m", endpoint="${endpoint}")`)).toContain(
        'whose endpoint must be an address',
      )
  })
})

describe('a server that is busy, broken or gone', () => {
  const never = new AbortController().signal
  const chat = (endpoint: string, patienceMs = 60_000) =>
    openChat({ endpoint, model: 'm', requestsPerMinute: 60_000, answerTokens: 4, patienceMs, backOffMs: 1 })

  it('is asked again after a refusal that passes, and not after one that stays', async () => {
    let times = 0
    const busy = await chatServer(() =>
      ++times < 3
        ? { status: times === 1 ? 429 : 503, headers: { 'retry-after': '0' }, body: 'later' }
        : 'tie',
    )
    expect(await chat(busy.endpoint)('s', 'u', never)).toEqual({
      text: 'tie',
      tokensRead: 9,
      tokensWritten: 1,
      isCut: false,
    })
    expect(times).toBe(3)
    const gone = await chatServer(() => ({ status: 404, body: 'no such model' }))
    await expect(chat(gone.endpoint)('s', 'u', never)).rejects.toThrow(/refuses with 404 .*: no such model/)
    expect(gone.asked).toHaveLength(1)
  })

  it('is given up after six attempts, with its last word', async () => {
    const { endpoint, asked } = await chatServer(() => ({ status: 500, body: 'broken' }))
    await expect(chat(endpoint)('s', 'u', never)).rejects.toThrow('refuses with 500: broken')
    expect(asked).toHaveLength(6)
  })

  it('is spoken to as it asks for: another name of the limit, no temperature', async () => {
    const { endpoint, asked } = await chatServer(({ body }) => {
      if (body.max_tokens !== undefined)
        return { status: 400, body: "'max_tokens' is not supported. Use 'max_completion_tokens' instead." }
      if (body.temperature !== undefined) return { status: 400, body: "'temperature' does not support 0" }
      return 'A'
    })
    const ask = chat(endpoint)
    expect((await ask('s', 'u', never)).text).toBe('A')
    await ask('s', 'u', never)
    expect(asked).toHaveLength(4) // the second time it knows
    expect(asked[3]!.body).toMatchObject({ max_completion_tokens: 4 })
  })

  it('may think first: what counts comes after, and a thought that is cut says so', async () => {
    const { endpoint } = await chatServer(() => '<think>Verdict: A? No, tie.</think>\n\nB')
    expect((await chat(endpoint)('s', 'u', never)).text).toBe('B')
    for (const body of [said('<think>Let me see', 'length'), said(null, 'length')]) {
      const cut = await chatServer(() => ({ body }))
      await expect(judge(cut.endpoint)(textsOf('a', 'b'))).rejects.toThrow(
        'cut after 16 tokens before it had said anything, 2 of 2 times: raise answerTokens',
      )
    }
  })

  it('is named when it does not answer, or answers something else', async () => {
    for (const body of ['<html>', 'null', '{"choices":[]}', said(7)]) {
      const { endpoint } = await chatServer(() => ({ body }))
      await expect(chat(endpoint)('s', 'u', never)).rejects.toThrow(/answers is no chat completion: /)
    }
    const ended = await chatServer(longer)
    ended.close()
    await expect(chat(ended.endpoint)('s', 'u', never)).rejects.toThrow(
      `the server at ${ended.endpoint}/chat/completions does not answer: `,
    )
    const silent = await chatServer(() => undefined)
    await expect(chat(silent.endpoint, 20)('s', 'u', never)).rejects.toThrow(
      'has not answered within 0.02 seconds',
    )
  })

  it('sends nothing on to another address', async () => {
    const elsewhere = await chatServer(longer)
    const { endpoint } = await chatServer(() => ({
      status: 307,
      headers: { location: `${elsewhere.endpoint}/chat/completions` },
      body: '',
    }))
    await expect(chat(endpoint)('s', 'u', never)).rejects.toThrow(`sends on to ${elsewhere.endpoint}`)
    expect(elsewhere.asked).toHaveLength(0)
  })

  it('is left when what it says does not end', async () => {
    const { endpoint } = await chatServer((_, response) => {
      response.writeHead(200)
      const more = () =>
        response.destroyed || (response.write('x'.repeat(65_536)) ? setImmediate(more) : undefined)
      response.on('drain', more)
      more()
      return undefined
    })
    await expect(chat(endpoint)('s', 'u', never)).rejects.toThrow('answers does not end')
  })

  it('is left at once when nobody waits any more', async () => {
    const stop = new AbortController()
    const { endpoint, asked } = await chatServer(() => void stop.abort(new Error('stopped')))
    await expect(chat(endpoint)('s', 'u', stop.signal)).rejects.toThrow('stopped')
    await expect.poll(() => asked[0]!.isGone()).toBe(true)
  })
})
