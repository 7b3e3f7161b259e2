import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { allocate, sizeOf } from '../../../src-main/compute/parameters'
import { seeded, type Random } from '../../../src-main/maths/random'
import { projectionsOf } from '../../../src-main/model/adapters/adapter-targets'
import { adapterSpec, withAdapters } from '../../../src-main/model/adapters/adapters'
import { loadModel, saveModel } from '../../../src-main/model/checkpoint'
import type { Rwkv4Config } from '../../../src-main/model/architectures/rwkv4'
import type { Rwkv7Config } from '../../../src-main/model/architectures/rwkv7-config'
import type { Adapter } from '../../../src-main/model/model'
import { headerOf } from '../../../src-main/model/model-header'
import { readGguf } from '../../../src-main/model/weights/gguf'
import { describedGguf } from '../../../src-main/model/importing/gguf-model'
import { readConfig } from '../../../src-main/model/importing/hugging-face-config'
import { parsedObject } from '../../../src-main/model/weights/json-file'
import { readAdapterConfig } from '../../../src-main/model/importing/peft-config'
import { adapterPlaces, bearers } from '../../../src-main/model/importing/peft-folder'
import { WeightsError } from '../../../src-main/model/weights/refusal'
import { describedRwkv } from '../../../src-main/model/importing/rwkv-folder'
import { rwkvLayoutOf } from '../../../src-main/model/importing/rwkv-layouts'
import { encodeSafetensors, readSafetensors } from '../../../src-main/model/weights/safetensors'
import { elementTypeOf, readNumbers, type StoredTensor } from '../../../src-main/model/weights/stored-tensor'
import { gpt } from '../../../src-main/model/architectures/gpt'
import { huggingFaceLayout } from '../../../src-main/model/importing/hugging-face-layout'
import { placesOf } from '../../../src-main/model/importing/tensor-places'
import { checkTokenizer } from '../../../src-main/model/importing/tokenizer-files'
import { tinyModel } from '../tiny'
import { fixture } from './fixtures'
import { memoryFile } from './memory-file'
import { blinkDl, randomParameters, rwkv4Config, rwkv7Config } from '../importing/published-rwkv'

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
      case 0:
        bytes[at] = within(256)
        break
      case 1:
        bytes[at] = telling[within(telling.length)]!
        break
      case 2:
        bytes[at]! ^= 1 << within(8)
        break
      case 3:
        bytes.fill(telling[within(telling.length)]!, at, Math.min(bytes.length, at + 1 + within(9)))
        break
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + within(12))])
        break
      case 5:
        bytes =
          random() < 0.2
            ? bytes.subarray(0, at)
            : Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + within(40)), bytes.subarray(at)])
        break
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

const anAdapter: Adapter = {
  name: 'x',
  rank: 4,
  alpha: 6,
  scaling: 'by-rank',
  dropout: 0,
  projections: ['transformer.h.0.attn.c_attn', 'transformer.h.1.mlp.c_fc'],
}

async function adapterFile(): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'mutated-'))
  const [base, path] = [join(folder, 'base.safetensors'), join(folder, 'adapter.safetensors')]
  await saveModel(base, tinyModel(), {})
  const { model } = await loadModel(base)
  await saveModel(
    path,
    {
      ...model,
      parameters: withAdapters(model.parameters, [anAdapter], allocate(adapterSpec(model.config, anAdapter))),
      adapters: [anAdapter],
    },
    {},
  )
  const bytes = await readFile(path)
  await rm(folder, { recursive: true })
  return bytes
}

const rwkvFile = (config: Rwkv4Config | Rwkv7Config): Uint8Array =>
  Buffer.concat(encodeSafetensors(blinkDl(randomParameters(config)), {}))

async function readRwkv(bytes: Uint8Array): Promise<void> {
  const { tensors } = await readSafetensors(memoryFile(bytes))
  const { places } = describedRwkv(rwkvLayoutOf(tensors), tensors, 4096)
  await readAll([...places.values()].map(({ tensor }) => tensor))
}

/**
 * Each format: a file, the bytes of its header, and all that is done with one before its model is believed.
 */
const formats: Readonly<
  Record<
    string,
    {
      readonly file: Uint8Array
      readonly header: number
      readonly read: (bytes: Uint8Array) => Promise<void>
    }
  >
> = {
  safetensors: {
    file: await readFile(fixture('gpt2/model.safetensors')),
    header: 2900,
    read: async (bytes) => {
      const { tensors } = await readSafetensors(memoryFile(bytes))
      placesOf(
        gpt2,
        tensors,
        (name) => huggingFaceLayout(gpt.huggingFace!, name),
        () => false,
      )
      await readAll(tensors.values())
    },
  },
  'safetensors of half-precision numbers': {
    file: await readFile(fixture('qwen2/model.safetensors')),
    header: 2700,
    read: async (bytes) => readAll((await readSafetensors(memoryFile(bytes))).tensors.values()),
  },
  GGUF: {
    file: await readFile(fixture('pieces.mixed.gguf')),
    header: 12_000,
    read: async (bytes) => {
      const file = await readGguf(memoryFile(bytes))
      const { places, tokenizer, config } = await describedGguf('x.gguf', file, async () => {})
      if (!('type' in tokenizer)) checkTokenizer(tokenizer, config.vocabulary)
      await readAll([...places.values()].map(({ tensor }) => tensor))
    },
  },
  'GGUF of every kind of numbers': {
    file: await readFile(fixture('kinds.gguf')),
    header: 1800,
    read: async (bytes) => readAll((await readGguf(memoryFile(bytes))).tensors.values()),
  },
  'adapter_config.json': {
    file: await readFile(fixture('adapters/gpt2-some-blocks/adapter_config.json')),
    header: 1100,
    read: async (bytes) => {
      const { isTarget } = readAdapterConfig(parsedObject(Buffer.from(bytes).toString('utf8')))
      if (isTarget) projectionsOf(gpt2.config).map(isTarget)
    },
  },
  'adapter_model.safetensors': {
    file: await readFile(fixture('adapters/gpt2-fused/adapter_model.safetensors')),
    header: 1000,
    read: async (bytes) => {
      const { tensors } = await readSafetensors(memoryFile(bytes))
      const projections = bearers(undefined, gpt2.config, tensors)
      await readAll(
        [...adapterPlaces(gpt2.config, [{ ...anAdapter, projections }], tensors).values()].map(
          ({ tensor }) => tensor,
        ),
      )
    },
  },
  'adapter files of this studio': {
    file: await adapterFile(),
    header: 3000,
    read: async (bytes) => {
      const stored = await readSafetensors(memoryFile(bytes))
      headerOf(stored)
      await readAll(stored.tensors.values())
    },
  },
  'safetensors of an RWKV-4': { file: rwkvFile(rwkv4Config), header: 3000, read: readRwkv },
  'safetensors of an RWKV-7': { file: rwkvFile(rwkv7Config), header: 6000, read: readRwkv },
  'config.json': {
    file: await readFile(fixture('llama/config.json')),
    header: 900,
    read: async (bytes) => {
      readConfig(parsedObject(Buffer.from(bytes).toString('utf8')))
    },
  },
  'tokenizer.json': {
    file: await readFile(fixture('llama/tokenizer.json')),
    header: 7300,
    read: async (bytes) =>
      checkTokenizer({ tokenizer: parsedObject(Buffer.from(bytes).toString('utf8')), config: {} }, 288),
  },
}

describe('a file with a few bytes changed', () => {
  it.each(Object.keys(formats))(
    `is read whole or refused in words, at once: ${files} of %s`,
    async (name) => {
      const { file, header, read } = formats[name]!
      const random = seeded(11)
      let wasRead = 0
      let slowest = 0
      const refusals = new Set<string>()
      for (let i = 0; i < files; i++) {
        const bytes = mutated(file, header, random)
        const started = process.cpuUsage()
        try {
          await read(bytes)
          wasRead++
        } catch (error) {
          if (!(error instanceof WeightsError)) throw error
          expect(error.message.length).toBeGreaterThan(10)
          refusals.add(error.message.replace(/[0-9]+|"[^"]*"?/g, '…').slice(0, 40))
        }
        // time of this program alone: others may have paused it
        const { user, system } = process.cpuUsage(started)
        slowest = Math.max(slowest, (user + system) / 1000)
      }
      expect(wasRead).toBeGreaterThan(0)
      expect(refusals.size).toBeGreaterThan(5)
      expect(slowest).toBeLessThan(slowestMs)
    },
    120_000,
  )
})
