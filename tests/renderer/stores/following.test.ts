import { describe, expect, it } from 'vitest'
import { follow } from '../../../src-renderer/stores/following'
import type { Api } from '../../../src-shared/wire'
import { StudioFailure, type StudioError } from '../../../src-shared/result'
import { settled } from '../../helpers/fake-api'

/** A line on which each listening gives these items and then ends as said. */
function line(
  ...listenings: readonly { readonly items: readonly unknown[]; readonly error?: StudioError }[]
) {
  const inputs: unknown[] = []
  const api = {
    async *stream(_name: string, input: unknown) {
      const listening = listenings[inputs.length]
      inputs.push(input)
      if (!listening) return await new Promise<void>(() => {})
      yield* listening.items
      if (listening.error) throw new StudioFailure(listening.error)
    },
  } as unknown as Api
  return { api, inputs }
}

describe('following a stream', () => {
  it('takes it up again where it was lost, and says so meanwhile', async () => {
    const { api, inputs } = line(
      { items: [{ points: [1] }], error: { kind: 'disconnected' } },
      { items: [{ points: [2] }] },
    )
    const heard: unknown[] = []
    const problems: (string | undefined)[] = []
    let since = -1
    const stop = follow(api, 'runs.watch', {
      input: () => ({ runId: 'ppo-01', sinceStep: since }),
      onItem: (item, isFirst) => {
        heard.push([item, isFirst])
        since++
      },
      onProblem: (problem) => problems.push(problem),
    })
    await settled(700)
    stop()
    expect(heard).toEqual([
      [{ points: [1] }, true],
      [{ points: [2] }, true],
    ])
    expect(inputs).toEqual([
      { runId: 'ppo-01', sinceStep: -1 },
      { runId: 'ppo-01', sinceStep: 0 },
    ])
    expect(problems).toEqual([undefined, expect.stringContaining('does not answer'), undefined])
  })

  it('does not insist where trying again cannot help', async () => {
    const { api, inputs } = line({ items: [], error: { kind: 'not-found', what: 'run', id: 'x' } })
    const problems: (string | undefined)[] = []
    follow(api, 'runs.changes', {
      input: () => ({}),
      onItem: () => {},
      onProblem: (problem) => problems.push(problem),
    })
    await settled(700)
    expect(inputs).toHaveLength(1)
    expect(problems).toEqual(['This run no longer exists.'])
  })

  it('hears nothing after it was stopped', async () => {
    const { api, inputs } = line({ items: [], error: { kind: 'disconnected' } }, { items: [{}] })
    const heard: unknown[] = []
    const stop = follow(api, 'runs.changes', {
      input: () => ({}),
      onItem: (item) => heard.push(item),
      onProblem: () => {},
    })
    await settled()
    stop()
    await settled(700)
    expect([heard, inputs]).toEqual([[], [{}]])
  })
})
