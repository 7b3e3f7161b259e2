/** A model from elsewhere: recognised by what lies at the path, read whole, checked. */
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { StudioFailure } from '../../../src-shared/result'
import { openByteFile } from '../weights/byte-file'
import { refuse, refusingFile } from '../weights/refusal'
import { readSafetensors } from '../weights/safetensors'
import type { ForeignModel, Lying, ReadFormat } from './format'
import { readFormats } from './formats'
import { adapterConfigFile, adapterTensorsFile } from './peft-layout'
import { refusedByContent, refusedByName } from './refused-formats'
import { looksLikeRwkv } from './rwkv-folder'

/**
 * @param path a Hugging Face or PEFT folder or a file in it, a GGUF file, or a model file of this studio
 * @param base file of the model that an adapter stands on
 * @throws StudioFailure refused-file, naming the file and what is wrong with it; cancelled
 */
export async function importModel(path: string, signal: AbortSignal, base?: string): Promise<ForeignModel> {
  const format = await refusingFile(path, () => formatAt(path))
  if (format === 'in-a-folder') return importModel(dirname(path), signal, base)
  if (base !== undefined && !format.takesBase)
    throw new StudioFailure({
      kind: 'invalid-input',
      field: 'base',
      problem: `is for adapters, and “${basename(path)}” is a model by itself: import it without.`,
    })
  return format.read({ path, base, signal })
}

/** @throws WeightsError with the reason why it is none */
async function formatAt(path: string): Promise<ReadFormat | 'in-a-folder'> {
  const lying = await lyingAt(path)
  if (!lying.isFolder) {
    const problem = refusedByName(path)
    if (problem !== undefined) refuse(problem)
    if (/^(config|adapter_config|model\.safetensors\.index)\.json$/.test(basename(path))) return 'in-a-folder'
  }
  for (const format of Object.values(readFormats)) if (await format.recognises(lying)) return format
  checkPart(lying)
  return 'in-a-folder'
}

async function lyingAt(path: string): Promise<Lying> {
  const isFolder = (await stat(path)).isDirectory()
  const names = await readdir(isFolder ? path : dirname(path))
  const start = isFolder ? new Uint8Array(0) : await startOf(path)
  return { path, isFolder, names, start, statedFormat: () => formatStatedIn(path, start) }
}

async function startOf(path: string): Promise<Uint8Array> {
  const file = await openByteFile(path)
  try {
    return await file.read(0, Math.min(8, file.size))
  } finally {
    await file.close()
  }
}

async function formatStatedIn(path: string, start: Uint8Array): Promise<string | undefined> {
  if (!path.endsWith('.safetensors')) return undefined
  const problem = refusedByContent(start, path)
  if (problem !== undefined) return refuse(problem)
  const file = await openByteFile(path)
  try {
    return (await readSafetensors(file)).metadata.get('format')
  } finally {
    await file.close()
  }
}

/** @throws WeightsError when a file is no part of a folder that is a model */
function checkPart({ path, names, start }: Lying): void {
  const problem = refusedByContent(start, path)
  if (problem !== undefined) refuse(problem)
  if (!path.endsWith('.safetensors'))
    refuse(
      'it is no model that is known here: a folder of Hugging Face’s libraries, a GGUF file of a ' +
        'Llama, or a model file of this studio',
    )
  const isAdapter = basename(path) === adapterTensorsFile
  const description = isAdapter ? adapterConfigFile : 'config.json'
  const isPart =
    (isAdapter || /^model(-\d+-of-\d+)?\.safetensors$/.test(basename(path))) && names.includes(description)
  if (isPart || looksLikeRwkv(names.filter((name) => !name.endsWith('.safetensors')))) return
  refuse(
    'it holds numbers alone, and nothing says of which network: import the folder with its ' + description,
  )
}
