/** Which files of a repository a model is read from: the weights once, and what says how they are read. */
import type { HubFile } from './repository'

/** Beside the weights, by their names in the repository's own folder. */
const beside = new Set([
  'README.md',
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'chat_template.jinja',
  'adapter_config.json',
])
/** A tokenizer without a tokenizer.json. */
const older = new Set(['added_tokens.json', 'tokenizer.model', 'spiece.model', 'vocab.json', 'merges.txt'])
const templates = /^additional_chat_templates\/[^/]+\.jinja$/
const whole = 'model.safetensors'
const index = 'model.safetensors.index.json'
const shards = /^model-\d+-of-\d+\.safetensors$/
const adapter = 'adapter_model.safetensors'
const rwkv = /^rwkv[^/]*\.(safetensors|txt)$/i
/** One whole model; a part of one, or what only sees, is none. */
const gguf = /^(?!.*(?:mmproj|-\d{5}-of-\d{5})).+\.gguf$/i
const pickled = /^[^/]+\.(bin|pt|pth|ckpt)$/

export interface ModelFiles {
  readonly files: readonly HubFile[]
  /** GGUF files, each of which is a whole model. */
  readonly alternatives: readonly HubFile[]
  /** Why there is nothing to read. */
  readonly problem?: string
}

/** @param wanted one file that is the whole model */
export function modelFiles(all: readonly HubFile[], wanted?: string): ModelFiles {
  const alternatives = all.filter(({ path }) => gguf.test(path))
  if (wanted !== undefined) return chosen(all, alternatives, wanted)
  const weights = weightsIn(all)
  const [only, another] = alternatives
  if (weights.length === 0 && only && !another) return { files: [only], alternatives }
  if (weights.length === 0) return { files: [], alternatives, problem: withoutWeights(all, alternatives) }
  const isOlder = !all.some(({ path }) => path === 'tokenizer.json')
  const described = all.filter(
    ({ path }) => beside.has(path) || templates.test(path) || (isOlder && older.has(path)),
  )
  const problem = lacking(all, weights)
  return { files: [...described, ...weights], alternatives, ...(problem !== undefined && { problem }) }
}

function chosen(all: readonly HubFile[], alternatives: readonly HubFile[], wanted: string): ModelFiles {
  const file = alternatives.find(({ path }) => path === wanted)
  if (file) return { files: [file], alternatives }
  const isThere = all.some(({ path }) => path === wanted)
  const problem = isThere
    ? `“${wanted}” is no GGUF file that is a whole model`
    : `it has no file “${wanted}”${alternatives.length > 0 ? `; its models are ${listed(alternatives)}` : ''}`
  return { files: [], alternatives, problem }
}

function weightsIn(all: readonly HubFile[]): readonly HubFile[] {
  const only = all.filter(({ path }) => path === whole)
  if (only.length > 0) return only
  const several = all.filter(({ path }) => path === index || shards.test(path))
  if (several.some(({ path }) => path === index)) return several
  const own = all.filter(({ path }) => path === adapter)
  return own.length > 0 ? own : all.filter(({ path }) => rwkv.test(path))
}

const listed = (files: readonly HubFile[]): string => files.map(({ path }) => path).join(', ')

function withoutWeights(all: readonly HubFile[], alternatives: readonly HubFile[]): string {
  if (alternatives.length > 0) return `it holds several models, ${listed(alternatives)}: say which one`
  const pickle = all.find(({ path }) => pickled.test(path))
  return pickle
    ? `its weights are in ${pickle.path}, a file that can run programs and is not read; look for a ` +
        'repository with safetensors'
    : 'it holds no safetensors and no GGUF file'
}

function lacking(all: readonly HubFile[], weights: readonly HubFile[]): string | undefined {
  const has = (name: string): boolean => all.some(({ path }) => path === name)
  const isRwkv = weights.some(({ path }) => rwkv.test(path))
  if (isRwkv || has('tokenizer.json') || weights.some(({ path }) => path === adapter)) return undefined
  const isOlder = has('tokenizer.model') || has('spiece.model') || (has('vocab.json') && has('merges.txt'))
  return isOlder ? undefined : 'it has no tokenizer.json, nor one of the older files that are read'
}
