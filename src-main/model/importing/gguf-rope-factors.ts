/**
 * How a GGUF file says that Llama 3's rotary positions are stretched: not by the numbers of `rope_scaling`
 * but by a tensor of what they make of each frequency. The numbers are found again by trying those that
 * models were published with; any other factors are kept as they are, which is a LongRoPE that is always the same.
 */
import { rotaryFrequencies, type RopeScaling } from '../layers/rope-scaling'
import { refuse } from '../weights/refusal'
import { readNumbers, type StoredTensor } from '../weights/stored-tensor'

/** The tensor's name. */
export const ropeFactors = 'rope_freqs.weight'

export interface Rotated {
  /** Numbers of a head that are rotated. */
  readonly headWidth: number
  readonly ropeBase: number
  readonly contextTokens: number
}

/** Grattafiori et al. 2024: what Llama 3.1, 3.2 and 3.3 were published with, but for the factor. */
const published = { lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContextTokens: 8192 } as const

/**
 * @param tensor what each frequency is divided by: [D/2].
 * @throws WeightsError when it is none
 */
export async function scalingByFactors(
  tensor: StoredTensor,
  { headWidth, ropeBase, contextTokens }: Rotated,
): Promise<RopeScaling> {
  if (tensor.shape.join() !== String(headWidth / 2))
    refuse(`the tensor "${tensor.name}" has the shape [${tensor.shape}] where [${headWidth / 2}] is wanted`)
  const factors = new Float32Array(headWidth / 2)
  await readNumbers(tensor, factors)
  const factor = factors.reduce((most, each) => Math.max(most, each))
  if (factors.every((each) => each === 1)) return { type: 'none' }
  const scaling: RopeScaling = { type: 'llama3', factor, ...published }
  const plain = rotaryFrequencies(headWidth, ropeBase, { type: 'none' }, 1).frequencies
  const stretched = rotaryFrequencies(headWidth, ropeBase, scaling, 1).frequencies
  const isIt = factors.every((each, i) => Math.abs(plain[i]! / stretched[i]! - each) <= 1e-4 * each)
  if (isIt) return scaling
  const given = [...factors]
  if (!given.every((each) => Number.isFinite(each) && each > 0))
    refuse(`the tensor "${tensor.name}" divides the rotary positions by what is no number above 0`)
  return {
    type: 'longrope',
    originalContextTokens: contextTokens,
    attentionFactor: 1,
    shortFactors: given,
    longFactors: given,
  }
}
