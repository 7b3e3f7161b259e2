import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { readGguf } from '../../../src-main/model/weights/gguf'
import { scalingByFactors } from '../../../src-main/model/importing/gguf-rope-factors'
import { WeightsError } from '../../../src-main/model/weights/refusal'
import { fixture } from './fixtures'
import { memoryFile, numbersOf } from './memory-file'

const kinds = await readFile(fixture('kinds.gguf'))
const smol = await readFile(fixture('smol.f16.gguf'))

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
const u64 = (value: number | bigint): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}
const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)])

/** A file with this metadata and these tensors, its numbers at a multiple of 32. */
function gguf({
  version = 3,
  values = [],
  tensors = [],
  numbers = 64,
}: {
  version?: number
  values?: readonly Buffer[]
  tensors?: readonly Buffer[]
  numbers?: number
}): Uint8Array {
  const header = Buffer.concat([
    Buffer.from('GGUF'),
    u32(version),
    u64(tensors.length),
    u64(values.length),
    ...values,
    ...tensors,
  ])
  return Buffer.concat([header, Buffer.alloc(((32 - (header.length % 32)) % 32) + numbers)])
}
const value = (name: string, type: number, ...bytes: readonly Buffer[]): Buffer =>
  Buffer.concat([text(name), u32(type), ...bytes])
const tensor = (name: string, dimensions: readonly number[], type: number, offset: number): Buffer =>
  Buffer.concat([text(name), u32(dimensions.length), ...dimensions.map(u64), u32(type), u64(offset)])

describe('a GGUF file', () => {
  it.each(['F32', 'F16', 'BF16', 'Q8_0', 'Q4_0', 'Q4_1', 'Q5_0', 'Q5_1', 'Q4_K', 'Q5_K', 'Q6_K'])(
    'has its numbers in %s read as llama.cpp’s own package reads them',
    async (kind) => {
      const { tensors } = await readGguf(memoryFile(kinds))
      const wanted = await numbersOf(tensors.get(`expected.${kind}`)!)
      expect(wanted.some((number) => Math.abs(number) > 0.1)).toBe(true)
      expect(tensors.get(kind)!.type).toBe(kind)
      expect(await numbersOf(tensors.get(kind)!)).toEqual(wanted)
    },
  )

  it('says its metadata, lists of tokens too', async () => {
    const { metadata } = await readGguf(memoryFile(smol))
    expect(metadata.get('llama.attention.head_count_kv')).toBe(2)
    expect(metadata.get('general.name')).toBe('A tiny Llama')
    expect(metadata.get('tokenizer.ggml.tokens')).toHaveLength(288)
    expect((metadata.get('tokenizer.ggml.merges') as readonly string[])[0]).toMatch(/^\S+ \S+$/)
  })

  it('has its shapes turned round: the last size is that of what stands together', async () => {
    expect((await readGguf(memoryFile(smol))).tensors.get('blk.0.attn_q.weight')!.shape).toEqual([64, 32])
  })

  it('of version 2 is read alike', async () => {
    const second = Buffer.from(smol)
    second.writeUInt32LE(2, 4)
    expect((await readGguf(memoryFile(second))).metadata.get('general.license')).toBe('apache-2.0')
  })

  it('has a header longer than what is read first', async () => {
    const tokens = Array.from({ length: 300_000 }, (_, i) => text(`token ${i}`))
    const bytes = gguf({
      values: [value('long', 9, u32(8), u64(tokens.length), Buffer.concat(tokens))],
      tensors: [tensor('x', [2], 0, 0)],
    })
    const { metadata, tensors } = await readGguf(memoryFile(bytes))
    expect((metadata.get('long') as readonly string[]).at(-1)).toBe('token 299999')
    expect(await numbersOf(tensors.get('x')!)).toEqual(Float32Array.of(0, 0))
  })

  it.each<[string, Uint8Array, string]>([
    ['is empty', new Uint8Array(0), 'it does not begin as a GGUF file does'],
    [
      'is something else',
      Buffer.from('PK\x03\x04 and what follows in a zip archive'),
      'it does not begin as a GGUF file does',
    ],
    ['is of version 1', gguf({ version: 1 }), 'it is GGUF of version 1; versions 2 and 3 are read'],
    ['has its big end first', gguf({ version: 0x03000000 }), 'its numbers stand with the big end first'],
    [
      'ends within its header',
      smol.subarray(0, 5000),
      'the file is cut short: its header goes on after its 5000 bytes',
    ],
    [
      'ends within its numbers',
      smol.subarray(0, -40),
      'the file is cut short: the tensor "output_norm.weight" ends at byte',
    ],
    [
      'says a text is longer than the file',
      gguf({ values: [Buffer.concat([u64(2 ** 40), Buffer.alloc(30)])] }),
      'a text of 1099511627776 bytes',
    ],
    [
      'says a list is longer than the file',
      gguf({ values: [value('a', 9, u32(0), u64(2 ** 40))] }),
      'a list of 1099511627776 values',
    ],
    [
      'has lists in lists in lists in lists',
      gguf({ values: [value('a', 9, ...Array.from({ length: 9 }, () => Buffer.concat([u32(9), u64(1)])))] }),
      'lists within lists',
    ],
    [
      'has a number that no file can have',
      gguf({ tensors: [Buffer.concat([text('x'), u32(1), u64(2n ** 63n), u32(0), u64(0)])] }),
      'is too large',
    ],
    [
      'has more tensors than bytes',
      Buffer.concat([Buffer.from('GGUF'), u32(3), u64(2 ** 50), u64(0), Buffer.alloc(64)]),
      'more than fit its',
    ],
    [
      'has a value of no type',
      gguf({ values: [value('a', 77)] }),
      'is of the type 77, which GGUF does not have',
    ],
    [
      'says a thing twice',
      gguf({ values: [value('a', 4, u32(1)), value('a', 4, u32(1))] }),
      'its metadata "a" stands there twice',
    ],
    [
      'has a tensor twice',
      gguf({ tensors: [tensor('x', [2], 0, 0), tensor('x', [2], 0, 32)] }),
      'the tensor "x" stands there twice',
    ],
    [
      'has a tensor of nine dimensions',
      gguf({ tensors: [tensor('x', [1, 1, 1, 1, 1, 1, 1, 1, 1], 0, 0)] }),
      'the tensor "x" has 9 dimensions',
    ],
    [
      'has a tensor that overflows',
      gguf({ tensors: [tensor('x', [2 ** 40, 2 ** 40], 0, 0)] }),
      'is larger than any file',
    ],
    [
      'has a tensor where none may begin',
      gguf({ tensors: [tensor('x', [2], 0, 4)] }),
      'the tensor "x" begins at byte 4 of the numbers, which is no multiple of 32',
    ],
    [
      'has rows that are no whole blocks',
      gguf({ tensors: [tensor('x', [40, 2], 8, 0)], numbers: 500 }),
      'the rows of the tensor "x" have 40 numbers; in Q8_0 they come in blocks of 32',
    ],
    [
      'has an alignment of nothing',
      gguf({ values: [value('general.alignment', 4, u32(0))], tensors: [tensor('x', [2], 0, 0)] }),
      'its alignment is 0, no count of bytes',
    ],
  ])('is refused when it %s', async (_, bytes, message) => {
    const problem = await readGguf(memoryFile(bytes)).catch((error: unknown) => error)
    expect(problem).toBeInstanceOf(WeightsError)
    expect((problem as Error).message).toContain(message)
  })

  it('of a kind of numbers that is not read is refused by the tensor’s name and that kind', async () => {
    const { tensors } = await readGguf(
      memoryFile(
        gguf({ tensors: [tensor('blk.0.attn_q.weight', [256], 16, 0), tensor('odd', [256], 99, 64)] }),
      ),
    )
    await expect(numbersOf(tensors.get('blk.0.attn_q.weight')!)).rejects.toThrow(
      'the tensor "blk.0.attn_q.weight" is of type IQ2_XXS; only F32, F16, BF16, F64, Q8_0, Q4_0, Q4_1',
    )
    await expect(numbersOf(tensors.get('odd')!)).rejects.toThrow('the tensor "odd" is of type number 99')
  })
})

describe('the rotary positions of a GGUF file', () => {
  const stretched = (...factors: readonly number[]) => {
    const data = Float32Array.from(factors)
    return {
      name: 'rope_freqs.weight',
      shape: [data.length],
      type: 'F32',
      file: memoryFile(new Uint8Array(data.buffer)),
      begin: 0,
    }
  }
  const llama32 = { headWidth: 16, ropeBase: 500_000, contextTokens: 2048 }

  it('are known for Llama 3’s by what they are divided by', async () => {
    // transformers' _compute_llama3_parameters for a base of 500,000 and a factor of 32: each plain frequency
    // over the stretched one
    expect(await scalingByFactors(stretched(1, 1, 1, 1, 3.292262554168701, 32, 32, 32), llama32)).toEqual({
      type: 'llama3',
      factor: 32,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalContextTokens: 8192,
    })
    expect(await scalingByFactors(stretched(1, 1, 1, 1, 1, 1, 1, 1), llama32)).toEqual({ type: 'none' })
  })

  it('are divided by any other factors as they stand there, however long a text is', async () => {
    const factors = [1, 1, 1, 2, 3, 32, 32, 32]
    expect(await scalingByFactors(stretched(...factors), llama32)).toEqual({
      type: 'longrope',
      originalContextTokens: 2048,
      attentionFactor: 1,
      shortFactors: factors,
      longFactors: factors,
    })
  })

  it('are refused when they are divided by what is no number above 0, or by another count', async () => {
    await expect(scalingByFactors(stretched(1, 1, 1, 0, 3, 32, 32, 32), llama32)).rejects.toThrow(
      'the tensor "rope_freqs.weight" divides the rotary positions by what is no number above 0',
    )
    await expect(scalingByFactors(stretched(1, 2), llama32)).rejects.toThrow(
      'the tensor "rope_freqs.weight" has the shape [2] where [8] is wanted',
    )
  })
})
