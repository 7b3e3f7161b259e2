/**
 * How a GGUF file says that Llama 3's rotary positions are stretched: not by the numbers of `rope_scaling`
 * but by a tensor of what they make of each frequency. The numbers are found again by trying those that
 * models were published with.
 */
import { rotaryFrequencies, type RopeScaling } from '../layers/rope-scaling'
import { refuse } from '../weights/refusal'
import { readNumbers, type StoredTensor } from '../weights/stored-tensor'

/** The tensor's name. */
export const ropeFactors = 'rope_freqs.weight'

/** Grattafiori et al. 2024: what Llama 3.1, 3.2 and 3.3 were published with, but for the factor. */
const published = { lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContextTokens: 8192 } as const

/**
 * @param tensor what each frequency is divided by: [D/2].
 * @throws WeightsError when it is of no known scaling
 */
export async function llama3Scaling(
  tensor: StoredTensor,
  { headWidth, ropeBase }: { readonly headWidth: number; readonly ropeBase: number },
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
  return isIt
    ? scaling
    : refuse(
        `the tensor "${tensor.name}" stretches the rotary positions in a way that this version does not know`,
      )
}
