/**
 * How a GGUF file says that rotary positions are stretched: linear and YaRN in its metadata, Llama 3's way only in a
 * tensor of factors. Source: llama.cpp, src/llama-model.cpp, `load_hparams`.
 */
import type { RopeScaling } from '../layers/rope-scaling'
import type { GgufFile } from '../weights/gguf'
import type { GgufMetadata } from '../weights/gguf-metadata'
import { refuse } from '../weights/refusal'
import { fieldsOf, type GgufFields } from './gguf-json'
import { ropeFactors, scalingByFactors, type Rotated } from './gguf-rope-factors'
import { yarnAttention } from './hugging-face-rope'

/** @throws WeightsError when they are stretched in a way that is not known here */
export async function scalingIn(
  rotated: Rotated,
  metadata: GgufMetadata,
  { tensors }: GgufFile,
): Promise<RopeScaling> {
  const factors = tensors.get(ropeFactors)
  if (factors) return scalingByFactors(factors, rotated)
  const fields = fieldsOf(metadata)
  const factor = fields.optionalNumber('rope.scaling.factor') ?? fields.optionalNumber('rope.scale_linear')
  // without a word llama.cpp divides positions by the factor; 0 is none
  const type = fields.optionalText('rope.scaling.type') ?? 'linear'
  switch (type) {
    case 'none':
      return { type: 'none' }
    case 'linear':
      return factor === undefined || factor === 0 || factor === 1
        ? { type: 'none' }
        : { type: 'linear', factor }
    case 'yarn':
      return yarn(fields, factor ?? NaN, rotated)
    default:
      return refuse(`its rotary positions are scaled by "${type}", which this version does not know`)
  }
}

const yarn = (fields: GgufFields, factor: number, { contextTokens }: Rotated): RopeScaling => ({
  type: 'yarn',
  factor,
  originalContextTokens: fields.optionalNumber('rope.scaling.original_context_length') ?? contextTokens,
  attentionFactor: yarnAttention(factor) * (fields.optionalNumber('rope.scaling.attn_factor') ?? 1),
  betaFast: fields.optionalNumber('rope.scaling.yarn_beta_fast') ?? 32,
  betaSlow: fields.optionalNumber('rope.scaling.yarn_beta_slow') ?? 1,
})
