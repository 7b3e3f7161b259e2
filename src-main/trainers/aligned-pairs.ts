/**
 * For losses that compare by rank (`maths/alignment.ts`): what each value of a batch is compared with. Ranks are
 * those of the whole batch, whatever parts it is computed in, so they are found in a pass before the update.
 */
import type { Engine, HostBatch, HostTensor } from '../compute/engine'
import { partnersOf } from '../maths/alignment'
import type { PreferenceLossName } from '../maths/preference-losses'
import type { LanguageModel } from '../model/model'
import { judgedPairs, type PairObjective } from './pair-objective'
import { pairLogProbs, type PairBatch } from './pair-rows'

type Parts = readonly HostBatch<PairBatch>[]

/** Of all pairs of a batch, in order: log-ratios, and log π_ref, whole or a token. */
type OfBatch = Readonly<Record<'chosen' | 'rejected' | 'chosenReference' | 'rejectedReference', Float32Array>>
type Partners = Readonly<Record<'chosen' | 'rejected', Float32Array>>

const difference = (a: Float32Array, b: Float32Array): Float32Array =>
  a.map((value, index) => value - (b[index] as number))
const sum = (a: Float32Array, b: Float32Array): Float32Array =>
  a.map((value, index) => value + (b[index] as number))

const partnersBy: Readonly<Partial<Record<PreferenceLossName, (of: OfBatch) => Partners>>> = {
  /**
   * The policy's lead log π(y⁺) − log π(y⁻) against the reference's; as a number to take from the lead h in
   * log-ratios.
   */
  aot: ({ chosen, rejected, chosenReference, rejectedReference }) => {
    const ofReference = difference(chosenReference, rejectedReference)
    const ofPolicy = sum(difference(chosen, rejected), ofReference)
    const partners = difference(partnersOf(ofPolicy, ofReference), ofReference)
    return { chosen: partners, rejected: partners }
  },
  /** Log-ratios of chosen completions against those of rejected ones, and the other way. */
  'aot-unpaired': ({ chosen, rejected }) => ({
    chosen: partnersOf(chosen, rejected),
    rejected: partnersOf(rejected, chosen),
  }),
}

export interface Alignment {
  /** @param count pairs of the batch; the last part may hold padding @returns the parts with their partners */
  align(parts: Parts, count: number): Promise<Parts>
  dispose(): void
}

/** Gives a batch back as it is. */
export const unaligned: Alignment = { align: async (parts) => parts, dispose: () => undefined }

/** `unaligned` where the loss compares no ranks. */
export function openAlignment(
  engine: Engine,
  { config, parameters }: LanguageModel,
  objective: PairObjective,
): Alignment {
  const partners = partnersBy[objective.loss]
  if (!partners) return unaligned
  const program = engine.program<PairBatch>((weights, batch) => {
    const { chosen, rejected } = judgedPairs(pairLogProbs(config, weights, batch), batch, objective)
    return { chosen, rejected }
  })
  return {
    async align(parts, count) {
      const answers: Record<string, HostTensor>[] = []
      for (const part of parts) answers.push(await program.run(parameters, part))
      const all = (of: (index: number) => ArrayLike<number>): Float32Array =>
        Float32Array.from(parts.flatMap((_, index) => [...Array.from(of(index))])).slice(0, count)
      const found = partners({
        chosen: all((index) => answers[index]?.['chosen']?.data ?? []),
        rejected: all((index) => answers[index]?.['rejected']?.data ?? []),
        ...referencesOf(parts, objective, all),
      })
      return parts.map((part, index) => ({ ...part, partners: partnersIn(part, index, found) }))
    },
    dispose: () => program.dispose(),
  }
}

function referencesOf(
  parts: Parts,
  { logRatios }: PairObjective,
  all: (of: (index: number) => ArrayLike<number>) => Float32Array,
): Pick<OfBatch, 'chosenReference' | 'rejectedReference'> {
  const halfOf = (half: 0 | 1) => (index: number) => {
    const { reference, tokens } = parts[index] as HostBatch<PairBatch>
    const size = reference.data.length / 2
    const counted = Array.from(reference.data, (value, row) =>
      logRatios === 'per-token' ? value / (tokens.data[row] as number) : value,
    )
    return counted.slice(half * size, (half + 1) * size)
  }
  return { chosenReference: all(halfOf(0)), rejectedReference: all(halfOf(1)) }
}

/** Those of one part, chosen ones above rejected ones, 0 where there is no pair. */
function partnersIn({ counts }: HostBatch<PairBatch>, part: number, found: Partners): HostTensor {
  const size = counts.data.length
  const data = new Float32Array(2 * size)
  data.set(found.chosen.subarray(part * size, (part + 1) * size))
  data.set(found.rejected.subarray(part * size, (part + 1) * size), size)
  return { shape: [2 * size], data }
}
