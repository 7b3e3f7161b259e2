/** Models small enough to read with the eye, and engines to run them. */
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import { eagerEngine } from '../../src-main/compute/tensorflow/eager'
import type { Batch, Engine, Tensors, Weights } from '../../src-main/compute/engine'
import { seeded } from '../../src-main/maths/random'
import { trainCharacterTokenizer } from '../../src-main/model/tokenizers/character'
import { createLanguageModel } from '../../src-main/model/language-model'
import * as tf from '../../src-main/compute/tf'
import type { GptConfig } from '../../src-main/model/architectures/gpt-parameters'
import type { LanguageModel, ModelConfig } from '../../src-main/model/model'
import { networkOf } from '../../src-main/model/architectures/networks'

export const tinyTokenizer = trainCharacterTokenizer(['abcdefgh .'])

export const tinyConfig: GptConfig = {
  architecture: 'gpt',
  layers: 2,
  heads: 2,
  width: 16,
  contextTokens: 20,
  vocabulary: tinyTokenizer.vocabulary,
  isTied: true,
}

/** Weights drawn wide, so that what is written depends on what was read. */
export function tinyModel(seed = 1, config: Partial<GptConfig> = {}): LanguageModel {
  const model = createLanguageModel({ ...tinyConfig, ...config }, tinyTokenizer, seeded(seed))
  for (const name of Object.keys(model.parameters.spec))
    if (!name.includes('ln_'))
      model.parameters.view(name).forEach((value, i, all) => {
        all[i] = value * 12
      })
  return model
}

/** Logits of every position's next token: int32 [B, T] → [B, T, V]. */
export function logits(config: ModelConfig, weights: Weights, ids: tf.Tensor): tf.Tensor {
  const [rows, length] = ids.shape as [number, number]
  const network = networkOf(config)
  const states = tf.reshape(network.hiddenStates(weights, ids), [rows * length, config.width]) as tf.Tensor2D
  return tf.reshape(network.unembed(weights, states), [rows, length, config.vocabulary])
}

/** Both kinds of engine, each with its name. */
export const engines: readonly (readonly [string, () => Engine])[] = [
  ['eager', () => eagerEngine()],
  ['compiled', () => compiledEngine({ threads: 1 })],
]

/** Runs a body once and disposes it: outputs as numbers. */
export async function runOnce(
  engine: Engine,
  model: { readonly parameters: LanguageModel['parameters'] },
  batch: Batch,
  body: (weights: Weights, batch: Tensors) => Tensors,
): Promise<Record<string, number[]>> {
  const program = engine.program(body)
  try {
    const read = await program.run(model.parameters, batch)
    return Object.fromEntries(Object.entries(read).map(([name, { data }]) => [name, [...data]]))
  } finally {
    program.dispose()
  }
}

export const intMatrix = (...rows: readonly (readonly number[])[]): Batch[string] => ({
  shape: [rows.length, rows[0]!.length],
  data: Int32Array.from(rows.flat()),
})
