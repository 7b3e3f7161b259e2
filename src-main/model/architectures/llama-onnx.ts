/** Llama and Qwen2 as an ONNX graph. */
import type { OnnxBuilder } from '../exporting/onnx-builder'
import type { OnnxForm } from '../exporting/onnx-form'
import { attend, rmsNorm, rotation, splitHeads } from '../exporting/onnx-parts'
import { nameIn, type LlamaConfig } from './llama-parameters'

function states(build: OnnxBuilder, config: LlamaConfig, mask: string): string {
  const { heads, keyValueHeads, headWidth, normEpsilon } = config
  let x = build.node('Gather', [build.weight('model.embed_tokens.weight'), 'input_ids'])
  const rotate = rotation(build, config)
  for (let layer = 0; layer < config.layers; layer++) {
    const part = (name: string): string => nameIn(layer, name)
    const normed = rmsNorm(build, x, part('input_layernorm'), normEpsilon)
    const asked = (name: string, count: number): string =>
      splitHeads(build, build.linear(normed, part(`self_attn.${name}`)), count, headWidth)
    const q = rotate(asked('q_proj', heads))
    const k = rotate(asked('k_proj', keyValueHeads))
    const v = asked('v_proj', keyValueHeads)
    const attended = attend(build, config, layer, { q, k, v, mask })
    x = build.node('Add', [x, build.linear(attended, part('self_attn.o_proj'))])
    const inner = rmsNorm(build, x, part('post_attention_layernorm'), normEpsilon)
    const gate = build.linear(inner, part('mlp.gate_proj'))
    const silu = build.node('Mul', [gate, build.node('Sigmoid', [gate])])
    const open = build.node('Mul', [silu, build.linear(inner, part('mlp.up_proj'))])
    x = build.node('Add', [x, build.linear(open, part('mlp.down_proj'))])
  }
  return rmsNorm(build, x, 'model.norm', normEpsilon)
}

export const llamaOnnx: OnnxForm<LlamaConfig> = {
  headsOf: (config) => config,
  states,
  outputMatrix: ({ isTied }) => (isTied ? 'model.embed_tokens.weight' : 'lm_head.weight'),
}
