/** Large files are read in little memory. */
import fs from 'node:fs'
import { describe, expect, it } from 'vitest'
import { nextMessage, startProgram } from '../helpers/program'
import { testFolder } from '../helpers/registry'

interface Reading {
  readonly rows: number
  readonly peakBytes: number
}

const read = async (file: string): Promise<Reading> =>
  nextMessage(await startProgram('tests/data/reading-program.ts', file)) as Promise<Reading>

/** A file of so many bytes, about, out of one row over and over. */
function large(
  name: string,
  bytes: number,
  { head = '', row, tail = '' }: { readonly head?: string; readonly row: string; readonly tail?: string },
): { readonly file: string; readonly rows: number } {
  const file = `${testFolder()}/${name}`
  const block = row.repeat(1000)
  const blocks = Math.ceil(bytes / Buffer.byteLength(block))
  const out = fs.openSync(file, 'w')
  fs.writeSync(out, head)
  for (let i = 0; i < blocks; i++) fs.writeSync(out, block)
  fs.writeSync(out, tail)
  fs.closeSync(out)
  return { file, rows: blocks * 1000 }
}

const text = 'A sentence of a common length, with quotes and 🙂, said again and again.'

describe('a file of 64 MB', () => {
  it.each([
    [
      'a.jsonl',
      { row: `${JSON.stringify({ prompt: 'Say it:', chosen: text, rejected: text.toUpperCase() })}\n` },
    ],
    ['a.json', { head: '[', row: `${JSON.stringify({ text })},\n`, tail: `${JSON.stringify({ text })}]` }],
    ['a.csv', { head: 'text,label\n', row: `"${text}",1\n` }],
    ['a.txt', { row: `${text}\n` }],
  ])('is read in little memory (%s)', async (name, content) => {
    const small = await read(large(name, 1000, content).file)
    const { file, rows } = large(name, 64 * 2 ** 20, content)
    const reading = await read(file)
    expect(reading.rows).toBe(rows + (name === 'a.json' ? 1 : 0))
    // decoded whole it would be 128 MB and more
    expect(reading.peakBytes - small.peakBytes).toBeLessThan(80 * 2 ** 20)
  })
})
