/** A model's output matrix: given to it as its own, found by name, and added to. */
import { allocate } from '../compute/parameters'
import { architectureOf } from './model-config'
import type { LanguageModel, ModelConfig } from './model'
import { merged } from './adapters/adapters'
import { trunkSpec } from './trunk-parameters'

const outputNames = /(^|\.)(lm_head|embed_out|to_logits|head)\.weight$/

/**
 * The name of an output matrix of its own, [V, C].
 * @throws Error when the model has none
 */
export function outputMatrixOf(config: ModelConfig): string {
  const name = Object.keys(trunkSpec(config)).find((each) => outputNames.test(each))
  if (name === undefined) throw new Error('the model has no output matrix of its own')
  return name
}

/** Whether logits are the output matrix times the state and nothing else. */
export const isLinearOutput = (config: ModelConfig): boolean =>
  !('design' in config) || (config.design.logitCap === 0 && config.design.logitDivisor === 1)

/**
 * The same model in memory of its own, without adapters, with an output matrix that is not the token embedding:
 * what is added to it changes what is written and not what is read.
 */
export function withOwnOutput(model: LanguageModel): LanguageModel {
  const plain = model.adapters?.length ? merged(model) : model
  const config: ModelConfig = 'isTied' in plain.config ? { ...plain.config, isTied: false } : plain.config
  const parameters = allocate(trunkSpec(config))
  for (const name of Object.keys(parameters.spec))
    if (Object.hasOwn(plain.parameters.spec, name)) parameters.view(name).set(plain.parameters.view(name))
  const output = outputMatrixOf(config)
  if (!Object.hasOwn(plain.parameters.spec, output))
    parameters.view(output).set(plain.parameters.view(tokenTable(plain.config)))
  return { ...plain, config, parameters, adapters: [] }
}

/** The token embedding that is the output matrix, too. */
function tokenTable(config: ModelConfig): string {
  const spec = trunkSpec(config)
  const tables: readonly string[] = architectureOf(config).embeddings
  const found = tables.find((name) => spec[name]?.[0] === config.vocabulary)
  if (found === undefined) throw new Error('the model has no token embedding')
  return found
}
