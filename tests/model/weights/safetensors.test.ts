import { describe, expect, it } from 'vitest'
import { WeightsError } from '../../../src-main/model/weights/refusal'
import { encodeSafetensors, type HeldTensor } from '../../../src-main/model/weights/safetensors'
import { readNumbers } from '../../../src-main/model/weights/stored-tensor'
import { decodeSafetensors, memoryFile } from './memory-file'

const tensors = new Map<string, HeldTensor>([
  ['a.weight', { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-30, 6) }],
  ['scalar', { shape: [], data: Float32Array.of(7) }],
  ['empty', { shape: [0, 4], data: new Float32Array(0) }],
  ['é "quoted"', { shape: [2], data: Float32Array.of(8, 9) }],
])
const metadata = { format: 'test', text: 'zwei\n"Zeilen" 🙂' }

const bytesOf = (pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.concat(pieces))
const file = (): Uint8Array<ArrayBuffer> => bytesOf(encodeSafetensors(tensors, metadata))

/** A file with this header before the given count of number bytes. */
function withHeader(header: unknown, bodyBytes: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + json.length + bodyBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true)
  bytes.set(json, 8)
  return bytes
}
const entry = (changes: Record<string, unknown> = {}): unknown => ({
  x: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...changes },
})

describe('a safetensors file', () => {
  it('is read back as it was written', async () => {
    const read = await decodeSafetensors(file())
    expect(read.tensors).toEqual(tensors)
    expect(read.metadata).toEqual(metadata)
  })

  it('begins its numbers at a multiple of eight bytes', () => {
    const bytes = file()
    expect((8 + Number(new DataView(bytes.buffer).getBigUint64(0, true))) % 8).toBe(0)
  })

  it('is laid out as the format says, little end first', () => {
    const [header, numbers] = encodeSafetensors(
      new Map([['x', { shape: [1], data: Float32Array.of(1) }]]),
      {},
    )
    expect(JSON.parse(new TextDecoder().decode(header!.subarray(8)))).toEqual({
      __metadata__: {},
      x: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
    })
    expect([...numbers!]).toEqual([0, 0, 0x80, 0x3f])
  })

  it('may list its tensors in any order and need no metadata', async () => {
    const bytes = withHeader(
      {
        second: { dtype: 'F32', shape: [1], data_offsets: [4, 8] },
        first: { dtype: 'F32', shape: [], data_offsets: [0, 4] },
      },
      8,
    )
    const read = await decodeSafetensors(bytes)
    expect([...read.tensors.keys()]).toEqual(['first', 'second'])
    expect(read.metadata).toEqual({})
  })

  it('keeps a tensor whose name is a word of the language', async () => {
    const odd = new Map([
      ['__proto__', { shape: [1], data: Float32Array.of(3) }],
      ['constructor', { shape: [1], data: Float32Array.of(4) }],
    ])
    expect((await decodeSafetensors(bytesOf(encodeSafetensors(odd, {})))).tensors).toEqual(odd)
  })

  it.each([
    ['is shorter than any', new Uint8Array(5), 'the file has 5 bytes: it is no safetensors file'],
    ['begins with anything else', new Uint8Array(100).fill(0xff), 'a header length that cannot be'],
    [
      'ends within its header',
      file().subarray(0, 40),
      /^the file is cut short: its header ends at byte \d+, the file has 40$/,
    ],
    [
      'ends within its numbers',
      file().subarray(0, -3),
      'the file is cut short: the tensor "é \\"quoted\\"" ends at byte 36 of the numbers, there are 33'.replaceAll(
        '\\',
        '',
      ),
    ],
    ['goes on after its numbers', new Uint8Array([...file(), 0, 0]), '2 bytes follow the last tensor'],
    ['has no JSON', withHeader('{"x":', 8), 'the header is not JSON'],
    ['has a list for a header', withHeader([1], 0), 'the header is not a JSON object'],
    [
      'is not UTF-8',
      (() => {
        const bytes = withHeader('{"x":1}', 0)
        bytes[10] = 0xff
        return bytes
      })(),
      'the header is not JSON',
    ],
    [
      'holds no real numbers',
      withHeader(entry({ dtype: 'I16', data_offsets: [0, 4] }), 4),
      'the tensor "x" is of type I16; only F32, F16, BF16',
    ],
    [
      'has a type of its own',
      withHeader(entry({ dtype: 'F12' }), 8),
      'the tensor "x" is of type "F12", which safetensors does not have',
    ],
    [
      'lies about a shape',
      withHeader(entry({ shape: [3] }), 8),
      'the tensor "x" of shape [3] and type F32 needs 12 bytes and has 8',
    ],
    [
      'has a negative size',
      withHeader(entry({ shape: [-2, -1] }), 8),
      'the shape of the tensor "x" is not a list of sizes',
    ],
    ['has a size that overflows', withHeader(entry({ shape: [2 ** 52, 2 ** 52] }), 8), 'needs'],
    [
      'has a hole',
      withHeader(entry({ data_offsets: [8, 16] }), 16),
      'should begin at byte 0 of the numbers, not at 8',
    ],
    [
      'has no place for a tensor',
      withHeader(entry({ data_offsets: [0] }), 8),
      'does not say where it begins and ends',
    ],
    ['describes nothing', withHeader({ x: null }, 8), 'the tensor "x" is not described'],
    [
      'has metadata that is no text',
      withHeader({ __metadata__: { a: 1 }, ...(entry() as object) }, 8),
      'the metadata "a" is not text',
    ],
    [
      'has metadata that is no object',
      withHeader({ __metadata__: 'a', ...(entry() as object) }, 8),
      'the metadata is not a JSON object',
    ],
  ])('is refused when it %s', async (_, bytes, message) => {
    const problem = await decodeSafetensors(bytes).catch((error: unknown) => error)
    expect(problem).toBeInstanceOf(WeightsError)
    expect((problem as Error).message).toMatch(message)
  })

  it('is refused when two tensors share bytes', async () => {
    const bytes = withHeader(
      {
        x: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
        y: { dtype: 'F32', shape: [2], data_offsets: [4, 12] },
      },
      12,
    )
    await expect(decodeSafetensors(bytes)).rejects.toThrow(
      'the tensor "y" should begin at byte 8 of the numbers, not at 4',
    )
  })

  it('is refused with a number that is none', async () => {
    for (const value of [NaN, Infinity, -Infinity]) {
      const bytes = bytesOf(
        encodeSafetensors(new Map([['x', { shape: [3], data: Float32Array.of(1, value, 2) }]]), {}),
      )
      await expect(decodeSafetensors(bytes)).rejects.toThrow(`number 2 of the tensor "x" is ${value}`)
    }
  })

  it('is not written when a shape and its numbers disagree', () => {
    expect(() => encodeSafetensors(new Map([['x', { shape: [2], data: Float32Array.of(1) }]]), {})).toThrow(
      '"x" has 1 numbers, its shape [2] wants 2',
    )
  })
})

it('numbers of 64 bits are read as the nearest of 32', async () => {
  const file = memoryFile(new Uint8Array(Float64Array.of(0.1, -3).buffer))
  const into = new Float32Array(2)
  await readNumbers({ name: 'x', shape: [2], type: 'F64', file, begin: 0 }, into)
  expect(into).toEqual(Float32Array.of(0.1, -3))
})
