/** A model on the hub comes with the files that are needed of it, once it is known that it is read here. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { studioChanges } from '../../src-main/changes/studio-changes'
import { importedModel } from '../../src-main/checkpoints/model-library'
import { previewFile } from '../../src-main/data/import-preview'
import { readExamples } from '../../src-main/data/import-file'
import { hubStreams } from '../../src-main/handlers/hub'
import { hubModel } from '../../src-main/hub/hub-model'
import { hubSearch } from '../../src-main/hub/search'
import type { Checkpoint, ModelImportProgress } from '../../src-shared/records/checkpoint'
import { testRegistry } from '../helpers/registry'
import { loopbackHub, type FakeRepository, type LoopbackHub } from './loopback-hub'

const models = join(import.meta.dirname, '../fixtures/models')
const filesIn = (folder: string): Record<string, Buffer> =>
  Object.fromEntries(
    readdirSync(join(models, folder)).map((name) => [name, readFileSync(join(models, folder, name))]),
  )

const llama = filesIn('llama')
const shards = Object.keys(llama).filter((name) => /^model-/.test(name))
const small: FakeRepository = {
  files: {
    ...llama,
    'README.md': '---\nlicense: apache-2.0\n---\n',
    'onnx/model.onnx': 'much',
    'pytorch_model.bin': 'pickled',
    'consolidated.safetensors': 'the same again',
  },
  large: shards,
  tags: ['license:apache-2.0'],
  config: { model_type: 'llama' },
}
const gguf = { 'smol.f16.gguf': readFileSync(join(models, 'smol.f16.gguf')), 'kinds.gguf': 'other' }

async function got(hub: LoopbackHub, address: string): Promise<Checkpoint> {
  const db = testRegistry()
  const streams = hubStreams({
    db,
    changes: studioChanges(),
    files: { read: readExamples, preview: (path, wish) => previewFile(path, wish) },
    openLibrary: () => ({ importModel: (request, signal) => importedModel(db, request, signal), close() {} }),
    hubAccess: () => hub.access,
    now: () => 1,
  })
  const items: ModelImportProgress[] = []
  const { signal } = new AbortController()
  for await (const item of streams['checkpoints.fetch']({ address }, signal, { id: 'test' })) items.push(item)
  const { done } = items.at(-1) ?? {}
  if (!done) throw new Error('it did not end')
  return done
}

const failure = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it went well',
    (error: unknown) => (error as Error).message,
  )
const fetched = (hub: LoopbackHub): readonly string[] =>
  hub.asked.flatMap(({ host, url }) =>
    host === 'hub' ? (/\/resolve\/[^/]+\/(.+)$/.exec(url)?.[1] ?? []) : [],
  )
const look = (hub: LoopbackHub, address: string) =>
  hubModel(hub.access, address, new AbortController().signal)

describe('a model of the hub', () => {
  it('comes with what is needed of it alone, and says where it is from', async () => {
    const hub = await loopbackHub({ 'models/lab/tiny': small })
    const model = await got(hub, 'hf:lab/tiny')
    expect(model).toMatchObject({
      name: 'tiny',
      architecture: 'llama',
      licence: 'apache-2.0',
      importedFrom: 'hf:lab/tiny@c0ffee012345',
    })
    const left = ['onnx/model.onnx', 'pytorch_model.bin', 'consolidated.safetensors', 'expected.safetensors']
    expect(fetched(hub).filter((path) => left.includes(path))).toEqual([])
    expect(fetched(hub)).toEqual(expect.arrayContaining(['config.json', 'tokenizer.json', ...shards]))
  })

  it('is one GGUF file where one is named, or where it is the only one', async () => {
    const hub = await loopbackHub({
      'models/lab/several': { files: gguf },
      'models/lab/one': { files: { 'README.md': '', 'smol.f16.gguf': gguf['smol.f16.gguf'] } },
    })
    expect(await failure(got(hub, 'hf:lab/several'))).toBe(
      'lab/several is not read: it holds several models, smol.f16.gguf, kinds.gguf: say which one.',
    )
    expect((await got(hub, 'hf:lab/several:smol.f16.gguf')).name).toBe('smol.f16')
    expect((await got(hub, 'hf:lab/one')).importedFrom).toBe('hf:lab/one@c0ffee012345:smol.f16.gguf')
    expect(await failure(got(hub, 'hf:lab/several:none.gguf'))).toContain('it has no file “none.gguf”')
  })

  it('is that of a revision', async () => {
    const hub = await loopbackHub({ 'models/lab/tiny@v2': small })
    expect(await failure(got(hub, 'hf:lab/tiny'))).toContain('There is no lab/tiny')
    expect(fetched(hub)).toEqual([])
  })

  it.each<readonly [string, Readonly<Record<string, string | Buffer>>, string]>([
    [
      'a family that is not read',
      { ...llama, 'config.json': '{"model_type":"mamba"}' },
      'its model_type is "mamba"',
    ],
    ['pickled weights', { 'config.json': '{}', 'pytorch_model.bin': 'x' }, 'a file that can run programs'],
    ['no weights', { 'config.json': '{}' }, 'it holds no safetensors and no GGUF file'],
    [
      'an older tokenizer',
      {
        ...Object.fromEntries(Object.entries(llama).filter(([name]) => name !== 'tokenizer.json')),
        'vocab.json': '{}',
      },
      'it has no tokenizer.json',
    ],
  ])('with %s is refused before its weights are fetched', async (_, files, problem) => {
    const hub = await loopbackHub({ 'models/lab/other': { files } })
    expect(await failure(got(hub, 'hf:lab/other'))).toContain(`lab/other is not read: `)
    expect(await failure(got(hub, 'hf:lab/other'))).toContain(problem)
    expect((await look(hub, 'hf:lab/other')).problem).toContain(problem)
    expect(fetched(hub).filter((path) => path !== 'config.json')).toEqual([])
  })
})

describe('what is said of a model first', () => {
  it('is its size, licence, family and memory, for its description alone', async () => {
    const hub = await loopbackHub({ 'models/lab/tiny': small })
    const said = await look(hub, 'hf:lab/tiny')
    const bytes = [...shards, 'config.json', 'tokenizer.json'].reduce(
      (sum, name) => sum + llama[name]!.length,
      0,
    )
    expect(said).toMatchObject({ name: 'lab/tiny', licence: 'apache-2.0', family: 'llama', isGated: false })
    expect(said.problem).toBeUndefined()
    expect(said.bytes).toBeGreaterThanOrEqual(bytes)
    const { parameters } = await got(hub, 'hf:lab/tiny')
    expect([said.parameters, said.memory?.needBytes]).toEqual([parameters, 4 * parameters])
    expect(said.memory?.availableBytes).toBeGreaterThan(0)
  })

  it('names each file that is a whole model', async () => {
    const files = { ...gguf, 'mmproj-f16.gguf': 'eyes', 'big-00001-of-00002.gguf': 'half' }
    const hub = await loopbackHub({ 'models/lab/several': { files } })
    expect((await look(hub, 'hf:lab/several')).alternatives.map(({ file }) => file)).toEqual(
      Object.keys(gguf),
    )
  })

  it('is found by words', async () => {
    const hub = await loopbackHub({
      'models/lab/tiny': { ...small, safetensors: { total: 134_515_008 }, isGated: true },
    })
    const found = await hubSearch(hub.access, { kind: 'models', words: 'tiny' }, new AbortController().signal)
    expect(found).toMatchObject([{ name: 'lab/tiny', size: '135M', family: 'llama', isGated: true }])
  })
})
