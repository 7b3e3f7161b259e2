/** What the command line writes for people and for programs. */
import { describe, expect, it } from 'vitest'
import { StudioFailure } from '../../src-shared/result'
import { exitOf, openTerminal, valueOf } from '../../src-main/cli/terminal'
import { bar, duration, figure, metric, table } from '../../src-main/cli/text'

function captured(isTTY = false) {
  const said = { out: '', err: '' }
  return {
    said,
    out: {
      write: (text: string) => {
        said.out += text
      },
    },
    err: {
      write: (text: string) => {
        said.err += text
      },
      isTTY,
      columns: 40,
    },
  }
}

describe('a terminal', () => {
  it('writes results to stdout and remarks to stderr', () => {
    const streams = captured()
    const terminal = openTerminal(streams, false, () => 0)
    terminal.note('starting')
    terminal.result([1, 2], (all) => `${all.length} things`)
    expect(streams.said).toEqual({ out: '2 things\n', err: 'starting\n' })
  })

  it('writes JSON and nothing else when asked to', () => {
    const streams = captured()
    const terminal = openTerminal(streams, true, () => 0)
    terminal.note('starting')
    terminal.progress('half')
    terminal.result([1, 2], () => 'never')
    terminal.error({ kind: 'cancelled' })
    expect(streams.said).toEqual({
      out: '[1,2]\n{"error":{"kind":"cancelled","text":"Cancelled."}}\n',
      err: '',
    })
  })

  it('overwrites its progress line and clears it before the result', () => {
    const streams = captured(true)
    const terminal = openTerminal(streams, false, () => 0)
    terminal.progress('one')
    terminal.progress('two')
    terminal.result(0, () => 'done')
    expect(streams.said.err).toBe('\r\x1b[Kone\r\x1b[Ktwo\r\x1b[K')
  })

  it('cuts a progress line to the width of the window, so that it stays one line', () => {
    const streams = captured(true)
    openTerminal(streams, false, () => 0).progress('x'.repeat(100))
    expect(streams.said.err).toBe(`\r\x1b[K${'x'.repeat(39)}`)
  })

  it('says progress at most every five seconds where lines stay', () => {
    const streams = captured()
    let nowMs = 0
    const terminal = openTerminal(streams, false, () => nowMs)
    for (nowMs = 0; nowMs <= 11_000; nowMs += 1000) terminal.progress(`${nowMs}`)
    expect(streams.said.err).toBe('0\n5000\n10000\n')
  })
})

describe('an exit code', () => {
  it('tells wrong use from failure', () => {
    expect(exitOf({ kind: 'invalid-input', field: 'x', problem: 'is wrong' })).toBe(2)
    expect(exitOf({ kind: 'refused-settings', problems: [] })).toBe(2)
    expect(exitOf({ kind: 'storage', problem: 'The disk is full.' })).toBe(1)
  })
})

describe('an answer of the border', () => {
  it('is its value, or its error thrown', () => {
    expect(valueOf({ ok: true, value: 3 })).toBe(3)
    expect(() => valueOf({ ok: false, error: { kind: 'cancelled' } })).toThrow(StudioFailure)
  })
})

describe('a table', () => {
  it('is as wide as its widest cells, numbers to the right', () => {
    expect(
      table(
        ['name', 'rows'],
        [
          ['a', '5'],
          ['longer', '1,200'],
        ],
      ),
    ).toBe(['name     rows', 'a           5', 'longer  1,200'].join('\n'))
  })
})

describe('numbers for people', () => {
  it('have four digits, and powers of ten only where they are needed', () => {
    expect([0, 1.23456, 12345.6, 0.0001234, 1e6].map(figure)).toEqual([
      '0',
      '1.235',
      '12350',
      '1.23e-4',
      '1.00e+6',
    ])
  })

  it('carry the unit of their metric', () => {
    expect(metric('loss/train', 2)).toBe('2 nats a token')
    expect(metric('policy/kl-beta', 0.05)).toBe('0.05')
  })

  it('say a duration in its two largest units', () => {
    expect([900, 59_000, 125_000, 7_260_000].map(duration)).toEqual(['1 s', '59 s', '2 min 5 s', '2 h 1 min'])
  })

  it('fill a bar of twenty places', () => {
    expect(bar(0.5)).toBe('██████████░░░░░░░░░░')
    expect(bar(2)).toBe('█'.repeat(20))
  })
})
