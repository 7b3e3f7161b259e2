/** Hugging Face's config.json, read into a configuration of ours and written from one. */
import { architectures } from '../architectures/architectures'
import type { HuggingFaceForm } from './hugging-face-form'
import { architectureOf, checkConfig } from '../model-config'
import type { Model, ModelConfig } from '../model'
import { isObject, shown, type JsonObject } from '../weights/json-file'
import { believed, refuse } from '../weights/refusal'

export interface DescribedModel {
  readonly kind: Model['kind']
  readonly config: ModelConfig
  /** Of a reward model: what is added to every score. */
  readonly scoreOffset?: number
}

/** How a configuration's architecture stands in Hugging Face's library; undefined when it does not. */
export const huggingFaceFormOf = (config: ModelConfig): HuggingFaceForm<ModelConfig> | undefined =>
  architectureOf(config).huggingFace

/** By `model_type`. */
const forms: ReadonlyMap<string, HuggingFaceForm<ModelConfig>> = new Map(
  Object.values(architectures).flatMap(({ huggingFace: form }) =>
    form ? form.modelTypes.map((type) => [type, form] as const) : [],
  ),
)

/** Every `model_type` that is read. */
export const readModelTypes: readonly string[] = [...forms.keys()]

/**
 * @throws WeightsError when the model is of a kind that is not known here, or a field is missing or has a
 *   value that cannot be followed
 */
export function readConfig(json: JsonObject): DescribedModel {
  const type = json['model_type']
  const form = typeof type === 'string' ? forms.get(type) : undefined
  if (typeof type !== 'string' || !form)
    return refuse(`its model_type is ${shown(type)}; ${readModelTypes.join(', ')} are read`)
  const kind = kindOf(json)
  const read = form.read(json, type)
  const config = kind === 'reward-model' ? form.withoutOutput(read) : read
  believed(() => checkConfig(config))
  const offset = json['score_offset']
  return {
    kind,
    config,
    ...(typeof offset === 'number' && Number.isFinite(offset) && { scoreOffset: offset }),
  }
}

function kindOf(json: JsonObject): Model['kind'] {
  const [architecture] = Array.isArray(json['architectures']) ? (json['architectures'] as unknown[]) : []
  if (typeof architecture !== 'string' || !architecture.endsWith('ForSequenceClassification'))
    return 'language-model'
  const labels = isObject(json['id2label']) ? Object.keys(json['id2label']).length : (json['num_labels'] ?? 2)
  if (labels !== 1) refuse(`it is a ${architecture} of ${String(labels)} labels; a reward model has one`)
  return 'reward-model'
}

/** What config.json says of every kind of model. */
export interface SpecialTokens {
  readonly beginToken: number
  readonly endToken: number
  readonly endTokens?: readonly number[]
}

/** @throws Error when Hugging Face's library has no such network */
export function writtenConfig(
  { kind, config }: DescribedModel,
  { beginToken, endToken, endTokens }: SpecialTokens,
): JsonObject {
  const form = huggingFaceFormOf(config)
  if (!form) throw new Error(`Hugging Face’s library has no network like this ${config.architecture}`)
  const { modelType, languageModel, rewardModel } = form.namesOf(config)
  if (kind === 'reward-model' && rewardModel === undefined)
    throw new Error(`Hugging Face’s library has no reward models of the kind of ${languageModel}`)
  return {
    model_type: modelType,
    architectures: [kind === 'reward-model' ? rewardModel : languageModel],
    bos_token_id: beginToken,
    eos_token_id: endTokens ?? endToken,
    vocab_size: config.vocabulary,
    dtype: 'float32',
    use_cache: true,
    ...(kind === 'reward-model' && { num_labels: 1, id2label: { 0: 'score' }, label2id: { score: 0 } }),
    ...form.written(config),
  }
}
