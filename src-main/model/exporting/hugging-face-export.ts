/**
 * A folder that `transformers` loads: config.json, model.safetensors, the tokenizer's files and a model card.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExportNumbers } from '../../../src-shared/records/checkpoint'
import { merged } from '../adapters/adapters'
import { huggingFaceFormOf, writtenConfig } from '../importing/hugging-face-config'
import type { HuggingFaceForm } from '../importing/hugging-face-form'
import { huggingFaceLayout } from '../importing/hugging-face-layout'
import type { Model, ModelConfig } from '../model'
import { architectureOf } from '../model-config'
import type { JsonObject } from '../weights/json-file'
import { writtenCard, type Terms } from '../importing/model-card'
import {
  writeTensors,
  writtenTensors,
  type SafetensorsNumbers,
  type WrittenTensor,
} from '../weights/written-tensors'
import { refuseArchitecture, type WrittenFormat } from './format'
import { refuseFormat } from './refuse-format'
import type { TokenizerFiles } from '../importing/tokenizer-files'
import type { RwkvDefinition } from '../tokenizers/tokenizer'
import { scoringTokenizer } from './scoring-tokenizer'
import { writeConfig } from './written-config'
import { writtenTokenizer } from './written-tokenizer'

export const huggingFaceExport: WrittenFormat = {
  writing(model, terms, numbers) {
    const form = huggingFaceFormOf(model.config)
    if (!form) return refuseArchitecture(model.config, 'huggingFace')
    const { languageModel, rewardModel } = form.namesOf(model.config)
    if (model.kind === 'reward-model' && rewardModel === undefined)
      return refuseFormat(
        `cannot hold this reward model: transformers has none of the kind of ${languageModel}.`,
      )
    const whole = model.adapters?.length ? merged(model) : model
    return (folder) => writeHuggingFaceFolder(folder, whole, form, { ...terms, numbers })
  },
}

interface Written extends Terms {
  readonly numbers: ExportNumbers
}

/** @param model without adapters */
async function writeHuggingFaceFolder(
  folder: string,
  model: Model,
  form: HuggingFaceForm<ModelConfig>,
  terms: Written,
): Promise<void> {
  const { kind, config, parameters } = model
  const numbers = safetensorsNumbers(terms.numbers)
  const output = `${architectureOf(config).outputMatrix}.`
  const isLeftOut = (name: string): boolean =>
    name === 'score.bias' || (kind === 'reward-model' && name.startsWith(output))
  const tensors = writtenTensors(parameters, (name) =>
    isLeftOut(name) ? undefined : huggingFaceLayout(form, name),
  )
  const folded = withFoldedBias(model, form, tensors).map((tensor) => published(form, tensor))
  if (kind === 'language-model') {
    await writeDescription(folder, model, terms, dtypes[numbers])
    return writeTensors(folder, 'model.safetensors', folded, numbers)
  }
  const scoring = scoringTokenizer(model)
  const vocabulary = Math.max(config.vocabulary, scoring.padToken + 1)
  const own = { pad_token_id: scoring.padToken, vocab_size: vocabulary }
  const more = { ...dtypes[numbers], ...scoreOffset(model, form), ...own }
  await writeDescription(folder, model, terms, more, { files: scoring.files })
  await writeTensors(folder, 'model.safetensors', withRows(folded, config, vocabulary), numbers)
}

/** @throws StudioFailure */
export const safetensorsNumbers = (numbers: ExportNumbers): SafetensorsNumbers =>
  numbers === 'F32' || numbers === 'F16' || numbers === 'BF16'
    ? numbers
    : refuseFormat(`holds numbers of 32 or 16 bits, not ${numbers}.`)

/** As config.json says it. */
const dtypes: Readonly<Record<SafetensorsNumbers, JsonObject>> = {
  F32: { dtype: 'float32' },
  F16: { dtype: 'float16' },
  BF16: { dtype: 'bfloat16' },
}

/** Shapes of ours are reversed where they lie the other way round, and none of three axes does. */
function published({ published: there }: HuggingFaceForm<ModelConfig>, tensor: WrittenTensor): WrittenTensor {
  return there ? { ...tensor, ...there(tensor.name, tensor.shape) } : tensor
}

/** A pad token may need a row of its own in the embedding, which no text reads: zero. */
function withRows(
  tensors: readonly WrittenTensor[],
  config: ModelConfig,
  vocabulary: number,
): readonly WrittenTensor[] {
  if (vocabulary === config.vocabulary) return tensors
  const tables = architectureOf(config).embeddings
  return tensors.map((tensor) => {
    const [rows, width] = tensor.shape as [number, number]
    if (!tables.includes(tensor.name) || rows !== config.vocabulary) return tensor
    const data = new Float32Array(vocabulary * width)
    data.set(tensor.data)
    return { ...tensor, shape: [vocabulary, width], data }
  })
}

/** Everything but the weights. @param more of config.json */
export async function writeDescription(
  folder: string,
  model: Model,
  terms: Terms,
  more: JsonObject,
  {
    library = 'transformers',
    files = filesOf(model),
  }: { readonly library?: string; readonly files?: TokenizerFiles | RwkvDefinition } = {},
): Promise<void> {
  const { beginToken, endToken, endTokens } = model.tokenizer
  const config = writtenConfig(model, model.tokenizer)
  await writeConfig(folder, { ...fieldsAsTheyCame(model, config), ...config, ...more })
  await writeJson(folder, 'generation_config.json', {
    pad_token_id: endToken,
    ...model.origin?.generation,
    bos_token_id: beginToken,
    eos_token_id: endTokens ?? endToken,
  })
  await writeTokenizer(folder, model, files)
  await writeFile(join(folder, 'README.md'), writtenCard(model, terms, library))
}

const ofTheFile: ReadonlySet<string> = new Set([
  'torch_dtype',
  'dtype',
  'quantization_config',
  'auto_map',
  'architectures',
  'num_labels',
  'id2label',
  'label2id',
  'score_offset',
])

/** What config.json said of the same kind of model, but what is of the file that it came from. */
function fieldsAsTheyCame({ origin }: Model, { model_type }: JsonObject): JsonObject {
  if (!origin || origin.config['model_type'] !== model_type) return {}
  return Object.fromEntries(Object.entries(origin.config).filter(([name]) => !ofTheFile.has(name)))
}

/** The World models' own vocabulary, which no tokenizer.json can say, under the name that it has beside them. */
const worldVocabulary = 'rwkv_vocab_v20230424.txt'

/** @throws StudioFailure when a tokenizer has no file that others read */
function filesOf({ tokenizer, config }: Model): TokenizerFiles | RwkvDefinition {
  const { definition } = tokenizer
  return definition.type === 'rwkv' && config.architecture.startsWith('rwkv')
    ? definition
    : writtenTokenizer(tokenizer)
}

export async function writeTokenizer(
  folder: string,
  { config: { contextTokens } }: Model,
  files: TokenizerFiles | RwkvDefinition,
): Promise<void> {
  if ('vocabulary' in files) return writeFile(join(folder, worldVocabulary), files.vocabulary)
  const { tokenizer, config } = files
  await writeJson(folder, 'tokenizer.json', tokenizer)
  await writeJson(folder, 'tokenizer_config.json', { model_max_length: contextTokens, ...config })
}

export const writeJson = (folder: string, file: string, value: JsonObject): Promise<void> =>
  writeFile(join(folder, file), `${JSON.stringify(value, null, 2)}\n`)

/**
 * Score heads have no bias there. A last LayerNorm has one, in which it goes with the scores as they were: with
 * β' = β + b·w/‖w‖², w·β' = w·β + b.
 */
function withFoldedBias(
  { kind, config, parameters }: Model,
  form: HuggingFaceForm<ModelConfig>,
  tensors: readonly WrittenTensor[],
): readonly WrittenTensor[] {
  const lastBias = form.lastBias?.(config)
  if (kind !== 'reward-model' || lastBias === undefined) return tensors
  const w = parameters.view('score.weight')
  const b = parameters.view('score.bias')[0]!
  const squared = w.reduce((sum, value) => sum + value * value, 0)
  if (squared === 0) return tensors
  return tensors.map((tensor) =>
    tensor.name === lastBias
      ? { ...tensor, data: tensor.data.map((beta, i) => beta + (b * w[i]!) / squared) }
      : tensor,
  )
}

/**
 * Where the last norm has no bias, what is added to every score stands in config.json, for whoever wants it.
 */
const scoreOffset = ({ kind, config, parameters }: Model, form: HuggingFaceForm<ModelConfig>): JsonObject =>
  kind === 'reward-model' && form.lastBias?.(config) === undefined
    ? { score_offset: parameters.view('score.bias')[0]! }
    : {}
