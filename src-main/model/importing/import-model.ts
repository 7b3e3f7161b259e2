/** A model from elsewhere: recognised by what lies at the path, read whole, checked. */
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { StudioFailure } from '../../../src-shared/result'
import { adapterFormat, checkBase } from '../adapters/adapter-file'
import { merged, withAdapters } from '../adapters/adapters'
import { loadModel, type LoadedModel } from '../checkpoint'
import type { LanguageModel, Model } from '../model'
import { modelFormat, readModelHeader, type Lineage } from '../model-header'
import { huggingFaceTokenizer } from '../tokenizers/hugging-face'
import { rwkvTokenizer } from '../tokenizers/rwkv'
import type { Tokenizer } from '../tokenizers/tokenizer'
import { specOf } from '../trunk-parameters'
import { openByteFile } from '../weights/byte-file'
import { openGguf } from './gguf-model'
import { openHuggingFaceFolder } from './hugging-face-folder'
import { readJsonObject, type JsonObject } from '../weights/json-file'
import { adapterConfigFile, adapterTensorsFile, readDescription, readPeftFolder } from './peft-folder'
import type { Pretrained } from './pretrained'
import { refusedByName, refusedByContent } from './refused-formats'
import { believed, refuse, refusingFile } from '../weights/refusal'
import { looksLikeRwkv, openRwkvFolder } from './rwkv-folder'
import { readSafetensors } from '../weights/safetensors'
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
 * @param path a Hugging Face or PEFT folder or a file in it, a GGUF file, or a model file of this studio
 * @param base file of the model that an adapter stands on
 * @throws StudioFailure refused-file, naming the file and what is wrong with it; cancelled
 */
export async function importModel(path: string, signal: AbortSignal, base?: string): Promise<ForeignModel> {
  const form = await refusingFile(path, () => formOf(path))
  if (typeof form === 'object') return importModel(form.only, signal, base)
  if (base !== undefined && form !== 'adapter' && form !== 'own adapter' && form !== 'in a folder')
    throw new StudioFailure({
      kind: 'invalid-input',
      field: 'base',
      problem: `is for adapters, and “${basename(path)}” is a model by itself: import it without.`,
    })
  switch (form) {
    case 'in a folder':
      return importModel(dirname(path), signal, base)
    case 'adapter':
      return peftModel(path, base, signal)
    case 'own adapter':
      return base === undefined ? ownMerged(path) : ownAdapter(path, base)
    case 'own model':
      return found(await loadModel(path), path)
    case 'gguf':
      return readWhole(await openGguf(path), signal)
    case 'folder':
      return readWhole(await openHuggingFaceFolder(path), signal)
    case 'RWKV folder':
      return readWhole(await openRwkvFolder(path), signal)
  }
}

type Form =
  | 'own model'
  | 'own adapter'
  | 'gguf'
  | 'folder'
  | 'RWKV folder'
  | 'adapter'
  | 'in a folder'
  | { readonly only: string }

/** @throws WeightsError with the reason why it is none */
async function formOf(path: string): Promise<Form> {
  if ((await stat(path)).isDirectory()) return formOfFolder(path)
  const problem = refusedByName(path)
  if (problem !== undefined) refuse(problem)
  if (/^(config|adapter_config|model\.safetensors\.index)\.json$/.test(basename(path))) return 'in a folder'
  const file = await openByteFile(path)
  try {
    const start = await file.read(0, Math.min(8, file.size))
    if (Buffer.from(start.subarray(0, 4)).toString('latin1') === 'GGUF') return 'gguf'
    const problem = refusedByContent(start, path)
    if (problem !== undefined) refuse(problem)
    if (!path.endsWith('.safetensors'))
      refuse(
        'it is no model that is known here: a folder of Hugging Face’s libraries, a GGUF file of a ' +
          'Llama, or a model file of this studio',
      )
    const format = (await readSafetensors(file)).metadata.get('format')
    if (format === modelFormat) return 'own model'
    if (format === adapterFormat) return 'own adapter'
  } finally {
    await file.close()
  }
  const beside = await readdir(dirname(path))
  const isAdapter = basename(path) === adapterTensorsFile
  const isPart = isAdapter
    ? beside.includes(adapterConfigFile)
    : /^model(-\d+-of-\d+)?\.safetensors$/.test(basename(path)) && beside.includes('config.json')
  return isPart || looksLikeRwkv(beside.filter((name) => !name.endsWith('.safetensors')))
    ? 'in a folder'
    : refuse(
        'it holds numbers alone, and nothing says of which network: import the folder with its ' +
          `${isAdapter ? adapterConfigFile : 'config.json'}`,
      )
}

/** A folder may be there for one GGUF file. */
async function formOfFolder(path: string): Promise<Form> {
  const names = await readdir(path)
  const files = names.filter((name) => name.endsWith('.gguf'))
  const isModel = names.includes('config.json') && names.some((name) => /^model.*\.safetensors$/.test(name))
  if (names.includes(adapterConfigFile) && !isModel) return 'adapter'
  if (looksLikeRwkv(names) || (names.includes('config.json') && (await isOfRwkv(join(path, 'config.json')))))
    return 'RWKV folder'
  if (names.includes('config.json') || files.length === 0) return 'folder'
  return files.length === 1
    ? { only: join(path, files[0]!) }
    : refuse(`it holds ${files.length} GGUF files: choose one of them`)
}

/** Whatever is wrong with the file is said when it is read. */
const isOfRwkv = async (config: string): Promise<boolean> =>
  String((await readJsonObject(config).catch((): JsonObject => ({})))['model_type']).startsWith('rwkv')

const found = ({ model, lineage }: LoadedModel, path: string): ForeignModel => ({
  model,
  lineage,
  name: lineage['run'] ?? lineage['name'] ?? basename(path).replace(/\.[^.]+$/, ''),
  licence: lineage['licence'] ?? '',
})

/**
 * Without a base that is here, adapters are merged with the one that their file names: what is imported
 * stands alone.
 */
async function ownMerged(path: string): Promise<ForeignModel> {
  const { model, lineage } = await loadModel(path)
  return found({ model: merged(model), lineage }, path)
}

/** Onto the very model they were trained on, wherever it lies here. */
async function ownAdapter(path: string, base: string): Promise<ForeignModel> {
  const [{ config, base: original }, chosen] = [await readModelHeader(path), await loadModel(base)]
  await refusingFile(path, async () => {
    if (chosen.model.adapters?.length)
      refuse(
        'the chosen base has adapters of its own, and this file holds all that belong to it: choose the ' +
          'model beneath them',
      )
    if (original)
      checkBase(chosen.model, config, original, 'the chosen base is not the model it was trained on: it')
  })
  return found(await loadModel(path, async () => chosen), path)
}

async function peftModel(path: string, base: string | undefined, signal: AbortSignal): Promise<ForeignModel> {
  const { madeFor } = await readDescription(path)
  if (base === undefined)
    throw new StudioFailure({
      kind: 'refused-file',
      file: basename(path),
      problem:
        `it is an adapter alone${madeFor === undefined ? '' : `, made for “${madeFor}”`}: say which model ` +
        'of the library it stands on',
    })
  const { model } = await loadModel(base)
  if (model.kind === 'reward-model')
    throw new StudioFailure({
      kind: 'invalid-input',
      field: 'base',
      problem: 'is a reward model; PEFT’s adapters are read onto language models.',
    })
  const { adapter, own, lineage } = await readPeftFolder(path, model, () => stopIf(signal))
  const adapted: LanguageModel = {
    ...model,
    parameters: withAdapters(model.parameters, [adapter], own),
    adapters: [...(model.adapters ?? []), adapter],
  }
  return { model: adapted, lineage, name: lineage['name'] ?? adapter.name, licence: lineage['licence'] ?? '' }
}

const stopIf = (signal: AbortSignal): void => {
  if (signal.aborted) throw new StudioFailure({ kind: 'cancelled' })
}

async function readWhole(pretrained: Pretrained, signal: AbortSignal): Promise<ForeignModel> {
  const { kind, config, lineage } = pretrained
  try {
    const tokenizer = await refusingFile(pretrained.tokenizerFile, async () => tokenizerOf(pretrained))
    const parameters = await readPlaces(specOf(kind, config), pretrained.places, () => stopIf(signal))
    return {
      model: { kind, config, tokenizer, parameters },
      lineage,
      name: lineage['name'] ?? '',
      licence: lineage['licence'] ?? '',
    }
  } finally {
    await pretrained.close()
  }
}

function tokenizerOf({ tokenizer: stored, config }: Pretrained): Tokenizer {
  const tokenizer = believed(() =>
    'type' in stored
      ? rwkvTokenizer(stored)
      : huggingFaceTokenizer({
          type: 'hugging-face',
          ...stored,
          prompts: stored.config['chat_template'] === undefined ? 'plain' : 'chat',
        }),
  )
  if (tokenizer.vocabulary > config.vocabulary)
    refuse(
      `its tokenizer has ${tokenizer.vocabulary} tokens, and the model’s embedding ${config.vocabulary} rows`,
    )
  return tokenizer
}
