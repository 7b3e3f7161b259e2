/** A folder as Hugging Face's libraries write it: config.json, weights in one or several safetensors files, the tokenizer's files. */
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { StudioFailure } from '../../../src-shared/result'
import { openByteFile, type ByteFile } from './byte-file'
import { readConfig, type DescribedModel } from './hugging-face-config'
import { isObject, readJsonObject } from './json-file'
import { licenceIn } from './model-card'
import type { Pretrained } from './pretrained'
import { pickledFolder } from './refused-formats'
import { refuse, refusingFile } from './refusal'
import { readSafetensors } from './safetensors'
import type { StoredTensor } from './stored-tensor'
import { huggingFaceLayout, placesOf, type Place } from './tensor-places'
import { checkTokenizer, readTokenizerFiles } from './tokenizer-files'

const single = 'model.safetensors'
const index = 'model.safetensors.index.json'

/** Reads everything but the numbers. The caller closes it. @throws StudioFailure `refused-file`, naming the file, the tensor and what was expected */
export async function openHuggingFaceFolder(path: string): Promise<Pretrained> {
  const names = await refusingFile(path, () => readdir(path))
  if (!names.includes('config.json')) refuseFolder(path, 'it has no config.json')
  const described = await refusingFile(join(path, 'config.json'), async () => readConfig(await readJsonObject(join(path, 'config.json'))))
  const tokenizer = await readTokenizerFiles(path, names)
  await refusingFile(join(path, 'tokenizer.json'), async () => checkTokenizer(tokenizer, described.config.vocabulary))
  const files: ByteFile[] = []
  const close = async (): Promise<void> => { for (const file of files) await file.close() }
  try {
    const weights = await openWeights(path, names, files)
    const places = await refusingFile(join(path, weights.said), async () => placesIn(described, weights.tensors))
    return { ...described, places, tokenizer, lineage: await factsOf(path, names), close }
  } catch (error) {
    await close()
    throw error
  }
}

interface Weights {
  readonly tensors: ReadonlyMap<string, StoredTensor>
  /** The file to name when a tensor is wrong. */
  readonly said: string
}

async function openWeights(path: string, names: readonly string[], files: ByteFile[]): Promise<Weights> {
  if (names.includes(single)) return { tensors: await openShard(path, single, files), said: single }
  if (names.includes(index)) return { tensors: await openShards(path, names, files), said: index }
  const pickle = names.find((name) => /\.(bin|pt|pth|ckpt)$/.test(name))
  if (pickle !== undefined) throw new StudioFailure({ kind: 'refused-file', file: pickle, problem: pickledFolder(path) })
  return refuseFolder(path, `it has no ${single}`)
}

async function openShard(path: string, name: string, files: ByteFile[]): Promise<ReadonlyMap<string, StoredTensor>> {
  return refusingFile(join(path, name), async () => {
    const file = await openByteFile(join(path, name))
    files.push(file)
    return (await readSafetensors(file)).tensors
  })
}

/** Each tensor from the file that the index names. */
async function openShards(path: string, names: readonly string[], files: ByteFile[]): Promise<ReadonlyMap<string, StoredTensor>> {
  const shardOf = await refusingFile(join(path, index), async () => weightMap((await readJsonObject(join(path, index)))['weight_map'], names))
  const tensors = new Map<string, StoredTensor>()
  for (const shard of new Set(shardOf.values())) {
    for (const [name, tensor] of await openShard(path, shard, files)) if (shardOf.get(name) === shard) tensors.set(name, tensor)
  }
  const lost = [...shardOf].find(([name]) => !tensors.has(name))
  if (lost) throw new StudioFailure({ kind: 'refused-file', file: lost[1], problem: `the tensor "${lost[0]}" is missing, which ${index} says it holds` })
  return tensors
}

/** @returns the file of each tensor, all of them in the folder itself */
function weightMap(map: unknown, names: readonly string[]): ReadonlyMap<string, string> {
  if (!isObject(map)) return refuse('it has no weight_map')
  return new Map(Object.entries(map).map(([tensor, file]) => {
    if (typeof file !== 'string') return refuse(`its weight_map names no file for the tensor "${tensor}"`)
    if (basename(file) !== file || file.includes('\\') || !file.endsWith('.safetensors')) return refuse(`its weight_map leads to "${file}", which is no safetensors file in this folder`)
    if (!names.includes(file)) return refuse(`its weight_map names the file "${file}", which is missing`)
    return [tensor, file]
  }))
}

/** Some files were saved without the word that stands before every name. */
function placesIn(described: DescribedModel, tensors: ReadonlyMap<string, StoredTensor>): ReadonlyMap<string, Place> {
  const { config } = described
  const prefix = config.architecture === 'gpt' ? 'transformer.' : 'model.'
  const isBare = [...tensors.keys()].every((name) => !name.startsWith(prefix))
  const layoutOf = (name: string) => huggingFaceLayout(config, isBare && name.startsWith(prefix) ? name.slice(prefix.length) : name)
  const isTied = 'isTied' in config && config.isTied
  return placesOf(described, tensors, layoutOf, (name) => /(^|\.)(attn\.(bias|masked_bias)|rotary_emb\.inv_freq)$/.test(name) || (isTied && name === 'lm_head.weight'))
}

async function factsOf(path: string, names: readonly string[]): Promise<Pretrained['lineage']> {
  const licence = await licenceIn(path, names)
  return { name: nameOf(path), source: 'Hugging Face folder', ...(licence !== undefined && { licence }) }
}

/** What a folder calls its model. Hugging Face's own cache names its folders after the model: models--ORGANISATION--MODEL/snapshots/COMMIT. */
export function nameOf(path: string): string {
  const [, cached] = /models--(.+)[\\/]snapshots[\\/][^\\/]+$/.exec(path) ?? []
  return cached?.replaceAll('--', '/') ?? basename(path)
}

const refuseFolder = (path: string, problem: string): never => { throw new StudioFailure({ kind: 'refused-file', file: basename(path), problem }) }
