/** `studio chat`, with a model that tells what it was asked. */
import { describe, expect, it } from 'vitest'
import { chatCommand, type Chatting } from '../../src-main/cli/chat'
import { openTerminal } from '../../src-main/cli/terminal'
import type { WriteRequest } from '../../src-main/processes/contract'

const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 6, seed: 7 }

async function typed(lines: readonly string[], options: Partial<Chatting> = {}) {
  const asked: WriteRequest[] = []
  let said = ''
  const out = { write: (text: string) => (said += text) }
  const waiting = [...lines]
  await chatCommand(
    {
      checkpoints: [{ id: 'c1', name: 'One' }],
      system: '',
      sampling,
      ask: () => Promise.resolve(waiting.shift()),
      stoppable: (work) => work(new AbortController().signal),
      out,
      warm: {
        write: async function* (request) {
          asked.push(request)
          yield { index: 0, text: `reply ${asked.length}`, tokens: 2, promptTokens: 3, ended: 'end' }
        },
      },
      ...options,
    },
    openTerminal({ out, err: { write: () => {} } }, false, () => 0),
  )
  const turns = asked.map(({ prompts: [prompt] }) =>
    typeof prompt === 'object' ? prompt.turns.map(({ role, content }) => `${role}: ${content}`) : [],
  )
  return { asked, said, turns }
}

describe('studio chat', () => {
  it('goes on from all that was said, under its system text', async () => {
    const { turns, said } = await typed(['hi', '', 'more', '/quit', 'never'], { system: 'be short' })
    expect(turns).toEqual([
      ['system: be short', 'user: hi'],
      ['system: be short', 'user: hi', 'assistant: reply 1', 'user: more'],
    ])
    expect(said).toBe('reply 1\nreply 2\n')
  })

  it('retries with another seed, takes back, begins anew', async () => {
    const { turns, asked } = await typed([
      'a',
      '/retry',
      'b',
      '/undo',
      'c',
      '/new',
      '/system dry',
      'd',
      '/nothing',
    ])
    expect(turns).toEqual([
      ['user: a'],
      ['user: a'],
      ['user: a', 'assistant: reply 2', 'user: b'],
      ['user: a', 'assistant: reply 2', 'user: c'],
      ['system: dry', 'user: d'],
    ])
    expect(asked.map((each) => each.sampling.seed)).toEqual([7, 8, 9, 10, 11])
  })

  it('lets several answer, each from its own conversation', async () => {
    const { turns, said } = await typed(['a', 'b'], {
      checkpoints: [
        { id: 'c1', name: 'One' },
        { id: 'c2', name: 'Two\u001b[2J' },
      ],
    })
    expect(turns.slice(2)).toEqual([
      ['user: a', 'assistant: reply 1', 'user: b'],
      ['user: a', 'assistant: reply 2', 'user: b'],
    ])
    expect(said).toContain('One: reply 1\nTwo\\u001b[2J: reply 2')
  })
})
