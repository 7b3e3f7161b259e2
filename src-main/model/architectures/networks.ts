/** The networks, one row an architecture: what computes with tensors. */
import type { ModelConfig } from '../model'
import type { Network } from '../network'
import { decoderNetwork } from './decoder-network'
import { gptNetwork } from './gpt-network'
import { llamaNetwork } from './llama-network'
import { neoxNetwork } from './neox-network'
import { palmNetwork } from './palm-network'
import { rwkv4Network } from './rwkv4-network'
import { rwkv7Network } from './rwkv7-network'

/** Written as a method, so that the row of a configuration's own name takes that configuration without a cast. */
interface NetworkRow<C> {
  create(config: C): Network
}

export const networks = {
  gpt: { create: gptNetwork },
  llama: { create: llamaNetwork },
  decoder: { create: decoderNetwork },
  neox: { create: neoxNetwork },
  palm: { create: palmNetwork },
  rwkv4: { create: rwkv4Network },
  rwkv7: { create: rwkv7Network },
} satisfies {
  [A in ModelConfig['architecture']]: NetworkRow<Extract<ModelConfig, { readonly architecture: A }>>
}

const made = new WeakMap<ModelConfig, Network>()

/** The network of a configuration, made once. */
export function networkOf(config: ModelConfig): Network {
  const row: NetworkRow<ModelConfig> = networks[config.architecture]
  const network = made.get(config) ?? row.create(config)
  made.set(config, network)
  return network
}
