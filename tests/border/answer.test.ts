import { MessageChannel } from 'node:worker_threads'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connect } from '../../src-shared/wire'
import { answer, type Answers } from '../../src-main/border/answer'
import { portWire } from '../../src-main/border/wire-port'
import { pause } from '../../src-main/changes/topic'

type Contract = {
  readonly calls: { readonly 'slow.double': { readonly input: number; readonly output: number } }
  readonly streams: { readonly 'count.to': { readonly input: number; readonly item: number } }
}

function both(answers: Answers<Contract>) {
  const { port1, port2 } = new MessageChannel()
  onTestFinished(() => port1.close())
  answer(portWire(port1), answers, {
    read: (_kind, _name, input) => input,
    errorOf: (_name, thrown) => ({ kind: 'bug', message: String(thrown) }),
    reportBug: () => {},
  })
  return connect<Contract>(portWire(port2))
}

const counting: Answers<Contract>['streams'] = {
  'count.to': async function* (last) {
    for (let n = 1; n <= last; n++) yield n
  },
}

describe('a contract of one’s own over a wire', () => {
  it('is asked with its own rows', async () => {
    const caller = both({ calls: { 'slow.double': (n) => 2 * n }, streams: counting })
    expect(await caller.call('slow.double', 21)).toEqual({ ok: true, value: 42 })
    const seen = []
    for await (const n of caller.stream('count.to', 3, new AbortController().signal)) seen.push(n)
    expect(seen).toEqual([1, 2, 3])
  })

  it('takes a call back when its signal aborts, on both sides', async () => {
    let hasEnded = () => {}
    const ended = new Promise<void>((resolve) => {
      hasEnded = resolve
    })
    const caller = both({
      calls: {
        'slow.double': async (n, signal) => {
          await pause(60_000, signal)
          hasEnded()
          return 2 * n
        },
      },
      streams: counting,
    })
    const leaving = new AbortController()
    const asked = caller.call('slow.double', 21, leaving.signal)
    setTimeout(() => leaving.abort(), 20)
    expect(await asked).toEqual({ ok: false, error: { kind: 'cancelled' } })
    await ended
  })

  it('asks nothing whose signal has aborted already', async () => {
    const asked: number[] = []
    const caller = both({
      calls: {
        'slow.double': (n) => {
          asked.push(n)
          return 2 * n
        },
      },
      streams: counting,
    })
    expect(await caller.call('slow.double', 1, AbortSignal.abort())).toEqual({
      ok: false,
      error: { kind: 'cancelled' },
    })
    await caller.call('slow.double', 2)
    expect(asked).toEqual([2])
  })
})
