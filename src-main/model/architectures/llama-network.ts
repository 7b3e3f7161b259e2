/**
 * Llama (Touvron et al. 2023): the network of Llama 2 and 3, SmolLM and TinyLlama, and with biases that of
 * Qwen2.
 *
 * RMSNorm before each part (Zhang & Sennrich 2019), rotary positions, heads of queries that share keys and
 * values (Ainslie et al. 2023), a gated feed-forward with SiLU (Shazeer 2020, "SwiGLU"): the decoder from which
 * the other families depart.
 */
import type { Network } from '../network'
import { decoderNetwork } from './decoder-network'
import { asDecoder, type LlamaConfig } from './llama-parameters'

export const llamaNetwork = (config: LlamaConfig): Network => decoderNetwork(asDecoder(config))
