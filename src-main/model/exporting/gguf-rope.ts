/** How rotary positions are stretched, as llama.cpp is told: in its metadata, or for Llama 3 in a tensor. */
import type { Rope } from '../importing/hugging-face-rope'
import { yarnAttention } from '../importing/hugging-face-rope'
import { ropeFactors } from '../importing/gguf-rope-factors'
import { rotaryFrequencies, type RopeScaling } from '../layers/rope-scaling'
import type { GgufFields } from '../weights/gguf-writing'
import type { WrittenTensor } from '../weights/written-tensors'
import { refuseFormat } from './refuse-format'

/** @throws StudioFailure when llama.cpp stretches otherwise */
export const ropeFields = ({ ropeBase, ropeScaling }: Rope): GgufFields => ({
  'rope.freq_base': { f32: ropeBase },
  ...scalingFields(ropeScaling),
})

function scalingFields(scaling: RopeScaling): GgufFields {
  switch (scaling.type) {
    case 'none':
    case 'dynamic':
    case 'llama3':
      return {}
    case 'linear':
      return { 'rope.scaling.type': { text: 'linear' }, 'rope.scaling.factor': { f32: scaling.factor } }
    case 'yarn':
      if (scaling.isTruncated === false)
        return refuseFormat('cannot hold this model: llama.cpp’s YaRN cuts its band to whole pairs.')
      return {
        'rope.scaling.type': { text: 'yarn' },
        'rope.scaling.factor': { f32: scaling.factor },
        'rope.scaling.original_context_length': { u32: scaling.originalContextTokens },
        'rope.scaling.attn_factor': { f32: scaling.attentionFactor / yarnAttention(scaling.factor) },
        'rope.scaling.yarn_beta_fast': { f32: scaling.betaFast },
        'rope.scaling.yarn_beta_slow': { f32: scaling.betaSlow },
      }
    case 'longrope':
      if (areFactorsAlone(scaling)) return {}
      return refuseFormat('cannot hold rotary positions of the kind longrope yet.')
  }
}

/** Factors that are the same however long a text is, and change nothing else. */
const areFactorsAlone = (scaling: RopeScaling): boolean =>
  scaling.type === 'longrope' &&
  scaling.attentionFactor === 1 &&
  scaling.longFactors.every((factor, i) => factor === scaling.shortFactors[i])

/** What each frequency is divided by, [D/2]: Llama 3's way is told so, and factors of their own. */
export function ropeFactorsTensor(
  rotatedWidth: number,
  { ropeBase, ropeScaling }: Rope,
): readonly WrittenTensor[] {
  if (ropeScaling.type !== 'llama3' && !areFactorsAlone(ropeScaling)) return []
  const frequencies = (scaling: RopeScaling): Float64Array =>
    rotaryFrequencies(rotatedWidth, ropeBase, scaling, 1).frequencies
  const [plain, stretched] = [frequencies({ type: 'none' }), frequencies(ropeScaling)]
  const data = Float32Array.from(plain, (theta, i) => theta / stretched[i]!)
  return [{ name: ropeFactors, isTransposed: false, shape: [data.length], data }]
}
