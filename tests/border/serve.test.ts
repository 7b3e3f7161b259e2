import { MessageChannel } from 'node:worker_threads'
import { describe, expect, it, onTestFinished } from 'vitest'
import { StudioFailure } from '../../src-shared/result'
import { connect, type Frame } from '../../src-shared/wire'
import { pause } from '../../src-main/changes/topic'
import { serve, type Handlers } from '../../src-main/border/serve'
import { portWire } from '../../src-main/border/wire-port'

interface Given {
  readonly calls?: Partial<Handlers['calls']>
  readonly streams?: Partial<Handlers['streams']>
}

/** A page and a border with only some rows served, over a real message port. */
function border({ calls, streams }: Given) {
  const { port1, port2 } = new MessageChannel()
  onTestFinished(() => port1.close())
  const bugs: unknown[] = []
  serve(portWire(port1), { calls, streams } as Handlers, (_, error) => bugs.push(error))
  const wire = portWire(port2)
  return { api: connect(wire), wire, bugs, closePage: () => port2.close() }
}

/** Sends a frame as it stands and answers with the next one that comes. */
function exchange(wire: ReturnType<typeof border>['wire'], frame: unknown): Promise<Frame> {
  return new Promise((resolve) => {
    wire.onFrame(resolve)
    wire.send(frame as Frame)
  })
}

const settings = { temperature: 1, topK: 0, topP: 1, maxTokens: 8, seed: 1 }

describe('the border', () => {
  it('answers a call with what its handler returns', async () => {
    const { api } = border({
      calls: { 'runs.check': ({ recipe }) => ({ problems: [{ field: recipe, problem: 'seen' }] }) },
    })
    expect(await api.call('runs.check', { recipe: 'sft', settings: {}, inputs: {} })).toEqual({
      ok: true,
      value: { problems: [{ field: 'sft', problem: 'seen' }] },
    })
  })

  it.each(['constructor', '__proto__', 'toString', 'no.such', ''])(
    'refuses %j, which is no row of the table',
    async (name) => {
      const { wire, bugs } = border({})
      expect(await exchange(wire, { kind: 'call', id: 1, name, input: {} })).toMatchObject({
        kind: 'answer',
        id: 1,
        result: { ok: false, error: { kind: 'invalid-input', field: 'name' } },
      })
      expect(await exchange(wire, { kind: 'open', id: 2, name, input: {} })).toMatchObject({
        kind: 'end',
        id: 2,
        error: { kind: 'invalid-input', field: 'name' },
      })
      expect(bugs).toEqual([])
    },
  )

  it.each([
    [{ queueId: 'queue-1', count: 9, holding: [] }, 'count', 'must be at most 8'],
    [{ queueId: 'queue-1', count: 1.5, holding: [] }, 'count', 'must be a whole number'],
    [{ queueId: 'queue-1', count: '2', holding: [] }, 'count', 'must be a number'],
    [{ queueId: '', count: 1, holding: [] }, 'queueId', 'must be at least 1 character long'],
    [{ queueId: 'queue-1', count: 1 }, 'holding', 'is missing'],
    [{ queueId: 'queue-1', count: 1, holding: [3] }, 'holding.0', 'must be text'],
    [{ queueId: 'queue-1', count: 1, holding: [], also: 1 }, 'input', 'has an unknown part: also'],
    [undefined, 'input', 'is missing'],
    ['text', 'input', 'must be an object'],
  ])('says in words what is wrong with %j', async (input, field, problem) => {
    const { wire } = border({ calls: { 'labels.next': () => [] } })
    expect(await exchange(wire, { kind: 'call', id: 1, name: 'labels.next', input })).toEqual({
      kind: 'answer',
      id: 1,
      result: { ok: false, error: { kind: 'invalid-input', field, problem } },
    })
  })

  it('lets the sentences of the contract go first', async () => {
    const { wire } = border({ streams: {} })
    const frame = {
      kind: 'open',
      id: 1,
      name: 'samples.generate',
      input: { prompt: '', leftCheckpointId: 'checkpoint-1', sampling: { ...settings, topP: 0 } },
    }
    expect(await exchange(wire, frame)).toMatchObject({
      error: { field: 'sampling.topP', problem: 'must be above 0, at most 1' },
    })
  })

  it('leaves out what the page sent as undefined', async () => {
    const seen: unknown[] = []
    const { api } = border({
      calls: {
        'runs.check': (input) => {
          seen.push(input)
          return { problems: [] }
        },
      },
    })
    await api.call('runs.check', {
      recipe: 'sft',
      settings: {},
      inputs: {},
      name: undefined,
      device: undefined,
    })
    expect(Object.keys(seen[0] as object).sort()).toEqual(['inputs', 'recipe', 'settings'])
  })

  it('turns a refusal into its error and a bug into one sentence, with the bug reported', async () => {
    const bug = new TypeError('x is not a function')
    const { api, bugs } = border({
      calls: {
        'runs.stop': () => {
          throw new StudioFailure({ kind: 'not-found', what: 'run', id: 'run-9' })
        },
        'runs.resume': () => Promise.reject(bug),
      },
    })
    expect(await api.call('runs.stop', { runId: 'run-9' })).toEqual({
      ok: false,
      error: { kind: 'not-found', what: 'run', id: 'run-9' },
    })
    expect(bugs).toEqual([])
    expect(await api.call('runs.resume', { runId: 'run-9' })).toEqual({
      ok: false,
      error: { kind: 'bug', message: 'x is not a function' },
    })
    expect(bugs).toEqual([bug])
  })

  it('reports the first that is no frame at all and goes on', async () => {
    const { wire, api, bugs } = border({ calls: { 'runs.list': () => [] } })
    for (const frame of [undefined, 7, {}, { kind: 'call' }, { kind: 'answer', id: 1, result: {} }])
      wire.send(frame as unknown as Frame)
    expect(await api.call('runs.list', {})).toEqual({ ok: true, value: [] })
    expect(bugs).toHaveLength(1) // the first: junk fills no log
  })
})

describe('a stream over the border', () => {
  const watch = { runId: 'run-1', sinceStep: -1 }

  it('gives the items in order and ends with its handler', async () => {
    const { api } = border({
      streams: {
        'runs.watch': async function* () {
          for (let step = 1; step <= 3; step++)
            yield { points: [{ step, name: 'loss/train' as const, value: 1 / step }] }
        },
      },
    })
    const steps = []
    for await (const { points } of api.stream('runs.watch', watch, new AbortController().signal))
      steps.push(points?.[0]?.step)
    expect(steps).toEqual([1, 2, 3])
  })

  it('ends with the handler’s refusal', async () => {
    const { api } = border({
      streams: {
        'runs.watch': async function* () {
          yield {}
          throw new StudioFailure({ kind: 'compute-failed', problem: 'The process ended.' })
        },
      },
    })
    const read = async () => {
      for await (const _ of api.stream('runs.watch', watch, new AbortController().signal));
    }
    await expect(read()).rejects.toThrow('The process ended.')
  })

  it.each(['the reader leaves', 'the page goes away'])('is closed when %s', async (how) => {
    let closed = () => {}
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve
    })
    const { api, closePage } = border({
      streams: {
        'runs.watch': async function* (_, signal) {
          try {
            while (!signal.aborted) {
              yield {}
              await pause(5, signal)
            }
          } finally {
            closed()
          }
        },
      },
    })
    if (how === 'the page goes away') setTimeout(closePage, 20)
    const read = async () => {
      for await (const _ of api.stream('runs.watch', watch, new AbortController().signal))
        if (how === 'the reader leaves') break
    }
    const problem = await read().then(
      () => '',
      (error: Error) => error.message,
    )
    expect(problem).toMatch(how === 'the page goes away' ? /does not answer/ : /^$/)
    await isClosed
  })
})
