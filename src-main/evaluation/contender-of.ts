/** Which contender of an arena wrote a completion. */
import type { Contender } from '../../src-shared/records/arena'
import type { Writer } from '../../src-shared/records/comparison'

type Written = Pick<Contender, 'checkpointId' | 'sampling'>

/** @returns its index; −1 for what none of them wrote */
export const contenderOf = (contenders: readonly Written[], writer: Writer): number =>
  contenders.findIndex((one) => isBy(one, writer))

/** The same checkpoint sampled the same way, from whatever seed. */
export function isBy({ checkpointId, sampling }: Written, writer: Writer): boolean {
  if (checkpointId !== writer.checkpointId || !writer.sampling) return false
  const { temperature, topK, topP, maxTokens } = writer.sampling
  return (
    temperature === sampling.temperature &&
    topK === sampling.topK &&
    topP === sampling.topP &&
    maxTokens === sampling.maxTokens
  )
}
