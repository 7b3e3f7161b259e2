/** A Llama or Qwen2 as llama.cpp's conversion writes it: the latter's heads are rotated as they lie. */
import type { GgufNetwork } from '../exporting/gguf-network'
import { decoderGguf } from './decoder-gguf'
import { asDecoder, isQwen2, type LlamaConfig } from './llama-parameters'

export const llamaGgufNetwork: GgufNetwork<LlamaConfig> = {
  described(config) {
    const { architecture, fields } = decoderGguf.described(asDecoder(config))
    return { architecture: isQwen2(config) ? 'qwen2' : architecture, fields }
  },
  layout(config, name) {
    const { rowAt, ...plain } = decoderGguf.layout(asDecoder(config), name)
    return rowAt && !isQwen2(config) ? { ...plain, rowAt } : plain
  },
  others: (config) => decoderGguf.others!(asDecoder(config)),
}
