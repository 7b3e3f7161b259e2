/** A model from elsewhere: recognised by what lies at the path, read whole, checked. */
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { StudioFailure } from '../../../src-shared/result'
import { adapterFormat } from '../adapter-file'
import { merged } from '../adapters'
import { loadModel } from '../checkpoint'
import type { Model } from '../model'
import { modelFormat, type Lineage } from '../model-header'
import { huggingFaceTokenizer } from '../tokenizers/hugging-face'
import type { Tokenizer } from '../tokenizers/tokenizer'
import { openByteFile } from './byte-file'
import { openGguf } from './gguf-model'
import { openHuggingFaceFolder } from './hugging-face-folder'
import type { Pretrained } from './pretrained'
import { refusedByName, refusedByContent } from './refused-formats'
import { believed, refuse, refusingFile } from './refusal'
import { readSafetensors } from './safetensors'
import { readPlaces } from './tensor-places'

export interface ForeignModel {
  readonly model: Model
  /** What it calls itself, else the name of its file or folder. */
  readonly name: string
  /** Terms of use where the file says them: "apache-2.0"; else empty. */
  readonly licence: string
  readonly lineage: Lineage
}

/**
 * @param path a Hugging Face folder or a file in it, a GGUF file, or a model file of this studio
 * @throws StudioFailure refused-file, naming the file and what is wrong with it; cancelled
 */
export async function importModel(path: string, signal: AbortSignal): Promise<ForeignModel> {
  const form = await refusingFile(path, () => formOf(path))
  switch (form) {
    case 'studio': return ownModel(path)
    case 'gguf': return readWhole(await openGguf(path), basename(path), signal)
    case 'folder': return readWhole(await openHuggingFaceFolder(path), 'tokenizer.json', signal)
    case 'in a folder': return importModel(dirname(path), signal)
    default: return importModel(form.only, signal)
  }
}

type Form = 'studio' | 'gguf' | 'folder' | 'in a folder' | { readonly only: string }

/** @throws WeightsError with the reason why it is none */
async function formOf(path: string): Promise<Form> {
  if ((await stat(path)).isDirectory()) return formOfFolder(path)
  const problem = refusedByName(path)
  if (problem !== undefined) refuse(problem)
  if (/^(config|model\.safetensors\.index)\.json$/.test(basename(path))) return 'in a folder'
  const file = await openByteFile(path)
  try {
    const start = await file.read(0, Math.min(8, file.size))
    if (Buffer.from(start.subarray(0, 4)).toString('latin1') === 'GGUF') return 'gguf'
    const problem = refusedByContent(start, path)
    if (problem !== undefined) refuse(problem)
    if (!path.endsWith('.safetensors')) refuse('it is no model that is known here: a folder of Hugging Face’s libraries, a GGUF file of a Llama, or a model file of this studio')
    const format = (await readSafetensors(file)).metadata.get('format')
    if (format === modelFormat || format === adapterFormat) return 'studio'
  } finally {
    await file.close()
  }
  const isPart = /^model(-\d+-of-\d+)?\.safetensors$/.test(basename(path)) && (await readdir(dirname(path))).includes('config.json')
  return isPart ? 'in a folder' : refuse('it holds numbers alone, and nothing says of which network: import the folder with its config.json')
}

/** A folder may be there for one GGUF file. */
async function formOfFolder(path: string): Promise<Form> {
  const names = await readdir(path)
  const files = names.filter((name) => name.endsWith('.gguf'))
  if (names.includes('config.json') || files.length === 0) return 'folder'
  return files.length === 1 ? { only: join(path, files[0]!) } : refuse(`it holds ${files.length} GGUF files: choose one of them`)
}

/** Adapters are merged with what they stand on: what is imported stands alone. */
async function ownModel(path: string): Promise<ForeignModel> {
  const { model, lineage } = await loadModel(path)
  return { model: model.adapters?.length ? merged(model) : model, lineage, name: lineage['run'] ?? lineage['name'] ?? basename(path).replace(/\.[^.]+$/, ''), licence: lineage['licence'] ?? '' }
}

/** @param tokenizerFile to name when its tokenizer is wrong */
async function readWhole(pretrained: Pretrained, tokenizerFile: string, signal: AbortSignal): Promise<ForeignModel> {
  const { kind, config, lineage } = pretrained
  try {
    const tokenizer = await refusingFile(tokenizerFile, async () => tokenizerOf(pretrained))
    const parameters = await readPlaces(pretrained, pretrained.places, () => { if (signal.aborted) throw new StudioFailure({ kind: 'cancelled' }) })
    return { model: { kind, config, tokenizer, parameters }, lineage, name: lineage['name'] ?? '', licence: lineage['licence'] ?? '' }
  } finally {
    await pretrained.close()
  }
}

function tokenizerOf({ tokenizer: files, config }: Pretrained): Tokenizer {
  const prompts = files.config['chat_template'] === undefined ? 'plain' : 'chat'
  const tokenizer = believed(() => huggingFaceTokenizer({ type: 'hugging-face', ...files, prompts }))
  if (tokenizer.vocabulary > config.vocabulary) refuse(`its tokenizer has ${tokenizer.vocabulary} tokens, and the model’s embedding ${config.vocabulary} rows`)
  return tokenizer
}
