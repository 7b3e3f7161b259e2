/** Every format that is read from files, with a sound file of it and all that is done with one that was chosen. */
import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { importModel } from '../../src-main/model/importing/import-model'
import { chatPromptIds } from '../../src-main/model/rendering/chat'
import { RenderingError } from '../../src-main/model/tokenizers/rendering-error'
import { loadModel, loadResume, saveModel, saveResume } from '../../src-main/model/checkpoint'
import { openRegistry } from '../../src-main/store/database'
import { listCheckpoints } from '../../src-main/store/checkpoints'
import { listDatasets } from '../../src-main/store/datasets'
import { examplesOf } from '../../src-main/store/examples'
import { listRuns } from '../../src-main/store/runs'

import { registryName, unpackBundle } from '../../src-main/runs/bundle/bundle-files'
import { writeZip } from '../../src-main/places/zip-writing'
import { openFile } from '../../src-main/data/opened-file'
import { readAll } from '../helpers/imported-file'
import { importedDataset, testFolder, testRegistry } from '../helpers/registry'
import { tinyModel } from '../model/tiny'

/** A folder with a sound file in it, of which `file` is changed. */
export interface Sound {
  readonly file: string
  readonly read: (file: string) => Promise<unknown>
}

const fixture = (name: string): string => join(import.meta.dirname, '../fixtures', name)
const rows = Array.from({ length: 12 }, (_, i) => ({
  prompt: `Ask ${i}: "é"`,
  chosen: `yes,\n🙂 ${i}`,
  rejected: `no\t\\${i}`,
}))
const lines = rows.map((row) => JSON.stringify(row)).join('\n')
const table = (separator: string): string =>
  [Object.keys(rows[0]!), ...rows.map((row) => Object.values(row))]
    .map((each) => each.map((text) => `"${text.replaceAll('"', '""')}"`).join(separator))
    .join('\n')

/** A file of rows: all of them are read. */
const ofRows = (name: string, bytes: () => string | Uint8Array) => (): Sound => {
  const file = join(testFolder(), name)
  writeFileSync(file, bytes())
  return { file, read: (path) => readAll(path) }
}

/** A file whose columns are no training data: all values are read. */
const ofValues = (name: string) => (): Sound => {
  const file = join(testFolder(), basename(name))
  writeFileSync(file, readFileSync(fixture(name)))
  return { file, read: readValues }
}

async function readValues(path: string): Promise<void> {
  const opened = await openFile(path, {})
  for await (const _ of opened.rows());
}

/** A folder of a model, one file of which is changed: it is read whole, and writes out a text and a conversation. */
const ofModel = (folder: string, changed: string) => (): Sound => {
  const own = join(testFolder(), 'model')
  cpSync(fixture(`models/${folder}`), own, { recursive: true })
  return { file: join(own, changed), read: (path) => used(dirname(path)) }
}

async function used(path: string): Promise<void> {
  const { model } = await importModel(path, new AbortController().signal)
  const { tokenizer } = model
  tokenizer.decode(tokenizer.encode('A text, with 12 words & “marks”.'))
  if (!tokenizer.chat) return
  try {
    chatPromptIds(tokenizer.chat, { turns: [{ role: 'user', content: 'Hello.' }] })
  } catch (error) {
    if (!(error instanceof RenderingError)) throw error
  }
}

const ofAdapter = (changed: string) => (): Sound => {
  const folder = join(testFolder(), 'adapter')
  cpSync(fixture('models/adapters/gpt2-fused'), folder, { recursive: true })
  const base = importedBase()
  return {
    file: join(folder, changed),
    read: async (path) => importModel(dirname(path), new AbortController().signal, await base),
  }
}

async function importedBase(): Promise<string> {
  const path = join(testFolder(), 'base.safetensors')
  const { model } = await importModel(fixture('models/gpt2'), new AbortController().signal)
  await saveModel(path, model, {})
  return path
}

const ofFile = (name: string, bytes: () => Uint8Array, read: Sound['read']) => (): Sound => {
  const file = join(testFolder(), name)
  writeFileSync(file, bytes())
  return { file, read }
}

const packedBy = (command: string): Uint8Array => execFileSync(command, ['-c'], { input: lines })

function registryBytes(): Uint8Array {
  const db = testRegistry()
  importedDataset(db, 'preferences', rows)
  db.close()
  return readFileSync(db.path)
}

async function readRegistry(path: string): Promise<void> {
  const db = openRegistry(path)
  try {
    for (const { id } of listDatasets(db)) for (const _ of examplesOf(db, id));
    listRuns(db)
    listCheckpoints(db)
  } finally {
    db.close()
  }
}

async function soundModel(): Promise<Sound> {
  const file = join(testFolder(), 'model.safetensors')
  await saveModel(file, tinyModel(), {})
  return { file, read: (path) => loadModel(path) }
}

async function soundResume(): Promise<Sound> {
  const file = join(testFolder(), 'state.resume.safetensors')
  await saveResume(file, { step: 3, tensors: { first: Float32Array.of(1, 2, 3) }, numbers: { seen: 7 } })
  return { file, read: (path) => loadResume(path) }
}

async function soundBundle(): Promise<Sound> {
  const folder = testFolder()
  const registry = join(folder, registryName)
  writeFileSync(registry, registryBytes())
  const file = join(folder, 'run.zip')
  await writeZip(file, [{ name: registryName, path: registry, isPacked: true }])
  return {
    file,
    read: async (path) => {
      const to = testFolder()
      await unpackBundle(path, to)
      await readRegistry(join(to, registryName))
    },
  }
}

export const formats: Readonly<Record<string, () => Sound | Promise<Sound>>> = {
  JSONL: ofRows('a.jsonl', () => lines),
  JSON: ofRows('a.json', () => JSON.stringify(rows, null, 1)),
  CSV: ofRows('a.csv', () => table(',')),
  TSV: ofRows('a.tsv', () => table('\t')),
  text: ofRows('a.txt', () => 'A first line.\nA second 🙂 line.\n\nA third one.\n'.repeat(5)),
  'JSONL in gzip': ofRows('a.jsonl.gz', () => gzipSync(lines)),
  'JSONL in xz': ofRows('a.jsonl.xz', () => packedBy('xz')),
  'JSONL in zstd': ofRows('a.jsonl.zst', () => packedBy('zstd')),
  'JSONL in bzip2': ofRows('a.jsonl.bz2', () => packedBy('bzip2')),
  'Parquet, snappy': ofValues('labelled.snappy.parquet'),
  'Parquet, zstd': ofValues('labelled.zstd.parquet'),
  'Parquet, gzip': ofValues('labelled.gzip.parquet'),
  'Parquet, brotli': ofValues('parquet/codec-brotli.parquet'),
  'Parquet, lz4': ofValues('parquet/codec-lz4.parquet'),
  'Parquet, nested': ofValues('chat-preferences.parquet'),
  'Parquet of DuckDB': ofValues('other-writers/duckdb-V2.parquet'),
  'Arrow file': ofValues('arrow/file.arrow'),
  'Arrow stream': ofValues('arrow/stream.arrow'),
  'Arrow with views': ofValues('arrow/views.arrow'),
  'Arrow, zstd': ofValues('arrow/zstd.arrow'),
  'a saved dataset’s rows': savedDataset('data-00000-of-00002.arrow'),
  'a saved dataset’s state.json': savedDataset('state.json'),
  'safetensors of a model': ofModel('gpt2', 'model.safetensors'),
  'config.json': ofModel('qwen2', 'config.json'),
  'tokenizer.json of byte pairs': ofModel('gpt2', 'tokenizer.json'),
  'tokenizer.json of pieces': ofModel('llama', 'tokenizer.json'),
  'tokenizer_config.json': ofModel('llama', 'tokenizer_config.json'),
  'a chat template': ofModel('qwen2', 'chat_template.jinja'),
  'a list of shards': ofModel('llama', 'model.safetensors.index.json'),
  GGUF: ofFile('a.gguf', () => readFileSync(fixture('models/pieces.mixed.gguf')), used),
  'adapter_config.json': ofAdapter('adapter_config.json'),
  'adapter_model.safetensors': ofAdapter('adapter_model.safetensors'),
  'a checkpoint of this studio': soundModel,
  'a state to resume from': soundResume,
  'the file of a run': soundBundle,
  'a registry': ofFile('registry.sqlite', registryBytes, readRegistry),
}

function savedDataset(changed: string) {
  return (): Sound => {
    const folder = join(testFolder(), 'saved')
    cpSync(fixture('arrow/saved'), folder, { recursive: true })
    return { file: join(folder, changed), read: (path) => readValues(dirname(path)) }
  }
}
