import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { sizeOf } from '../../../src-main/compute/parameters'
import { seeded, type Random } from '../../../src-main/maths/random'
import { readGguf } from '../../../src-main/model/weights/gguf'
import { describedGguf } from '../../../src-main/model/weights/gguf-model'
import { readConfig } from '../../../src-main/model/weights/hugging-face-config'
import { parsedObject } from '../../../src-main/model/weights/json-file'
import { WeightsError } from '../../../src-main/model/weights/refusal'
import { readSafetensors } from '../../../src-main/model/weights/safetensors'
import { elementTypeOf, readNumbers, type StoredTensor } from '../../../src-main/model/weights/stored-tensor'
import { placesOf, huggingFaceLayout } from '../../../src-main/model/weights/tensor-places'
import { checkTokenizer } from '../../../src-main/model/weights/tokenizer-files'
import { fixture } from './fixtures'
import { memoryFile } from './memory-file'

const files = 10_000
const slowestMs = 1000

/** Bytes that mean something in one format or the other. */
const telling = [0, 1, 2, 8, 9, 0x7f, 0x80, 0xff, ...Buffer.from('"{}[],:-e0129')]

/** One to four small changes, most of them where the header is. @param header bytes of it */
function mutated(file: Uint8Array, header: number, random: Random): Uint8Array {
  const within = (length: number): number => Math.floor(random() * length)
  let bytes = Buffer.from(file)
  for (let change = within(4); change >= 0; change--) {
    const at = within(random() < 0.9 ? Math.min(header, bytes.length) : bytes.length)
    switch (within(6)) {
      case 0: bytes[at] = within(256); break
      case 1: bytes[at] = telling[within(telling.length)]!; break
      case 2: bytes[at]! ^= 1 << within(8); break
      case 3: bytes.fill(telling[within(telling.length)]!, at, Math.min(bytes.length, at + 1 + within(9))); break
      case 4: bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + within(12))]); break
      case 5: bytes = random() < 0.2 ? bytes.subarray(0, at) : Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + within(40)), bytes.subarray(at)]); break
    }
  }
  return bytes
}

/** All numbers that can be read. */
async function readAll(tensors: Iterable<StoredTensor>): Promise<void> {
  for (const tensor of tensors) {
    elementTypeOf(tensor)
    await readNumbers(tensor, new Float32Array(sizeOf(tensor.shape)))
  }
}

const gpt2 = readConfig(parsedObject(await readFile(fixture('gpt2/config.json'), 'utf8')))

/** Each format: a file, the bytes of its header, and all that is done with one before its model is believed. */
const formats: Readonly<Record<string, { readonly file: Uint8Array; readonly header: number; readonly read: (bytes: Uint8Array) => Promise<void> }>> = {
  'safetensors': {
    file: (await readFile(fixture('gpt2/model.safetensors'))), header: 2900,
    read: async (bytes) => {
      const { tensors } = await readSafetensors(memoryFile(bytes))
      placesOf(gpt2, tensors, (name) => huggingFaceLayout(gpt2.config, name), () => false)
      await readAll(tensors.values())
    },
  },
  'safetensors of half-precision numbers': {
    file: (await readFile(fixture('qwen2/model.safetensors'))), header: 2700,
    read: async (bytes) => readAll((await readSafetensors(memoryFile(bytes))).tensors.values()),
  },
  'GGUF': {
    file: (await readFile(fixture('pieces.mixed.gguf'))), header: 12_000,
    read: async (bytes) => {
      const file = await readGguf(memoryFile(bytes))
      const { places, tokenizer, config } = await describedGguf('x.gguf', file, async () => {})
      if (!('type' in tokenizer)) checkTokenizer(tokenizer, config.vocabulary)
      await readAll([...places.values()].map(({ tensor }) => tensor))
    },
  },
  'GGUF of every kind of numbers': {
    file: (await readFile(fixture('kinds.gguf'))), header: 1800,
    read: async (bytes) => readAll((await readGguf(memoryFile(bytes))).tensors.values()),
  },
  'config.json': {
    file: (await readFile(fixture('llama/config.json'))), header: 900,
    read: async (bytes) => { readConfig(parsedObject(Buffer.from(bytes).toString('utf8'))) },
  },
  'tokenizer.json': {
    file: (await readFile(fixture('llama/tokenizer.json'))), header: 7300,
    read: async (bytes) => checkTokenizer({ tokenizer: parsedObject(Buffer.from(bytes).toString('utf8')), config: {} }, 288),
  },
}

describe('a file with a few bytes changed', () => {
  it.each(Object.keys(formats))(`is read whole or refused in words, at once: ${files} of %s`, async (name) => {
    const { file, header, read } = formats[name]!
    const random = seeded(11)
    let wasRead = 0, slowest = 0
    const refusals = new Set<string>()
    for (let i = 0; i < files; i++) {
      const bytes = mutated(file, header, random), started = process.cpuUsage()
      try {
        await read(bytes)
        wasRead++
      } catch (error) {
        if (!(error instanceof WeightsError)) throw error
        expect(error.message.length).toBeGreaterThan(10)
        refusals.add(error.message.replace(/[0-9]+|"[^"]*"?/g, '…').slice(0, 40))
      }
      const { user, system } = process.cpuUsage(started)      // time of this program alone: others may have paused it
      slowest = Math.max(slowest, (user + system) / 1000)
    }
    expect(wasRead).toBeGreaterThan(0)
    expect(refusals.size).toBeGreaterThan(5)
    expect(slowest).toBeLessThan(slowestMs)
  }, 120_000)
})
