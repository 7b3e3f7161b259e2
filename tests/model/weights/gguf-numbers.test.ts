/** Every kind of number in GGUF files, against llama.cpp's own package: `tests/fixtures/models/gguf_numbers.py`. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { elementTypes } from '../../../src-main/model/weights/element-types'
import { encodeNumbers, halfBits, type WrittenType } from '../../../src-main/model/weights/written-numbers'
import { fixture } from './fixtures'

interface Recorded {
  readonly given: string
  readonly written: Readonly<Record<string, string>>
  readonly read: Readonly<Record<string, { readonly bytes: string; readonly numbers: string }>>
}
const recorded = JSON.parse(readFileSync(fixture('gguf-numbers.json'), 'utf8')) as Recorded

const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'))
const numbersOf = (text: string): Float32Array => new Float32Array(bytesOf(text).buffer)

describe('numbers of a GGUF file', () => {
  it.each(Object.keys(recorded.read))('of the kind %s are read to the bit', (kind) => {
    const { bytes, numbers } = recorded.read[kind]!
    const wanted = numbersOf(numbers)
    const found = new Float32Array(wanted.length)
    elementTypes[kind]!.decode(bytesOf(bytes), found)
    expect(wanted.some((number) => number !== 0)).toBe(true)
    expect([...found]).toEqual([...wanted].map((number) => (number === 0 ? expect.closeTo(0, 30) : number)))
  })

  it.each(Object.keys(recorded.written))('of the kind %s are written to the bit', (kind) => {
    const found = encodeNumbers('x', kind as WrittenType, numbersOf(recorded.given))
    expect(Buffer.from(found).toString('base64')).toBe(recorded.written[kind])
  })

  it('of 16 bits are refused where one is too large, with its tensor', () => {
    expect(() => encodeNumbers('blk.0.x', 'F16', Float32Array.of(0, 65_504, 65_520))).toThrow(
      expect.objectContaining({
        error: expect.objectContaining({
          problem: 'F16 cannot hold 65520, number 3 of the tensor "blk.0.x": choose BF16 or F32.',
        }) as unknown,
      }),
    )
    expect(halfBits(65_519)).toBe(0x7bff)
  })
})
