/** GPT as an ONNX graph. */
import type { OnnxBuilder } from '../exporting/onnx-builder'
import type { CachedHeads, OnnxForm } from '../exporting/onnx-form'
import { attend, layerNorm, splitHeads } from '../exporting/onnx-parts'
import { nameIn, type GptConfig } from './gpt-parameters'

const headsOf = ({ heads, width }: GptConfig): CachedHeads => ({
  heads,
  keyValueHeads: heads,
  headWidth: width / heads,
})

function states(build: OnnxBuilder, config: GptConfig, mask: string): string {
  const shape = headsOf(config)
  const tokens = build.node('Gather', [build.weight('transformer.wte.weight'), 'input_ids'])
  const positions = build.node('Gather', [build.weight('transformer.wpe.weight'), 'position_ids'])
  let x = build.node('Add', [tokens, positions])
  for (let layer = 0; layer < config.layers; layer++) {
    const part = (name: string): string => nameIn(layer, name)
    const asked = build.linear(layerNorm(build, x, part('ln_1')), part('attn.c_attn'))
    const [q, k, v] = build
      .split(asked, 3)
      .map((each) => splitHeads(build, each, shape.heads, shape.headWidth)) as [string, string, string]
    const attended = attend(build, shape, layer, { q, k, v, mask })
    x = build.node('Add', [x, build.linear(attended, part('attn.c_proj'))])
    const inner = build.linear(layerNorm(build, x, part('ln_2')), part('mlp.c_fc'))
    const bent = build.node('Gelu', [inner], { approximate: { text: 'tanh' } })
    x = build.node('Add', [x, build.linear(bent, part('mlp.c_proj'))])
  }
  return layerNorm(build, x, 'transformer.ln_f')
}

export const gptOnnx: OnnxForm<GptConfig> = {
  headsOf,
  states,
  outputMatrix: ({ isTied }) => (isTied ? 'transformer.wte.weight' : 'lm_head.weight'),
}
