/**
 * A folder that `transformers` loads: config.json, model.safetensors, the tokenizer's files and a model card.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Model } from '../model'
import { writtenConfig } from '../importing/hugging-face-config'
import type { JsonObject } from '../weights/json-file'
import { writtenCard, type Terms } from '../importing/model-card'
import { huggingFaceLayout } from '../importing/tensor-places'
import { writeTensors, writtenTensors, type WrittenTensor } from '../weights/written-tensors'
import { writtenTokenizer } from './written-tokenizer'

/** @param model without adapters */
export async function writeHuggingFaceFolder(folder: string, model: Model, terms: Terms): Promise<void> {
  const { kind, config, parameters } = model
  const isLeftOut = (name: string): boolean =>
    name === 'score.bias' || (kind === 'reward-model' && name === 'lm_head.weight')
  const tensors = writtenTensors(parameters, (name) =>
    isLeftOut(name) ? undefined : huggingFaceLayout(config, name),
  )
  await writeDescription(folder, model, terms, scoreOffset(model))
  await writeTensors(folder, 'model.safetensors', withFoldedBias(model, tensors))
}

/** Everything but the weights. @param more of config.json */
export async function writeDescription(
  folder: string,
  model: Model,
  terms: Terms,
  more: JsonObject,
  library = 'transformers',
): Promise<void> {
  const { beginToken, endToken } = model.tokenizer
  const { tokenizer, config } = writtenTokenizer(model.tokenizer)
  await writeJson(folder, 'config.json', { ...writtenConfig(model, model.tokenizer), ...more })
  await writeJson(folder, 'generation_config.json', {
    bos_token_id: beginToken,
    eos_token_id: endToken,
    pad_token_id: endToken,
  })
  await writeJson(folder, 'tokenizer.json', tokenizer)
  await writeJson(folder, 'tokenizer_config.json', {
    model_max_length: model.config.contextTokens,
    ...config,
  })
  await writeFile(join(folder, 'README.md'), writtenCard(model, terms, library))
}

export const writeJson = (folder: string, file: string, value: JsonObject): Promise<void> =>
  writeFile(join(folder, file), `${JSON.stringify(value, null, 2)}\n`)

const lastBias = 'transformer.ln_f.bias'

/**
 * Score heads have no bias there. GPT's last LayerNorm has one, in which it goes with the scores as they
 * were: with β' = β + b·w/‖w‖², w·β' = w·β + b.
 */
function withFoldedBias(
  { kind, config, parameters }: Model,
  tensors: readonly WrittenTensor[],
): readonly WrittenTensor[] {
  if (kind !== 'reward-model' || config.architecture !== 'gpt') return tensors
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
 * Llama's last norm has no bias: what is added to every score stands in config.json, for whoever wants it.
 */
const scoreOffset = ({ kind, config, parameters }: Model): JsonObject =>
  kind === 'reward-model' && config.architecture !== 'gpt'
    ? { score_offset: parameters.view('score.bias')[0]! }
    : {}
