/** The network of a configuration, whatever its architecture. */
import { assertNever } from '../../../src-shared/result'
import { gpt } from './gpt-network'
import { llama } from './llama-network'
import type { ModelConfig } from '../model'
import type { Network } from '../network'
import { palm } from './palm-network'
import { rwkv4 } from './rwkv4-network'
import { rwkv7 } from './rwkv7-network'

const networks = new WeakMap<ModelConfig, Network>()

/** Made once a configuration. */
export function networkOf(config: ModelConfig): Network {
  const network = networks.get(config) ?? newNetwork(config)
  networks.set(config, network)
  return network
}

function newNetwork(config: ModelConfig): Network {
  switch (config.architecture) {
    case 'gpt':
      return gpt(config)
    case 'llama':
      return llama(config)
    case 'palm':
      return palm(config)
    case 'rwkv4':
      return rwkv4(config)
    case 'rwkv7':
      return rwkv7(config)
    default:
      return assertNever(config)
  }
}
