/**
 * A policy from preference pairs without a reference: ORPO (Hong et al. 2024), SimPO (Meng et al. 2024), CPO (Xu
 * et al. 2024), AlphaPO (Gupta et al. 2025). Nothing holds the policy to where it started but a share of
 * imitation, α · (−log π(y⁺) a token), and a small step size. The losses are in
 * `maths/reference-free-losses.ts`.
 *
 * Departures, all on purpose:
 * 1. imitation is the mean over a completion's tokens, of each pair alike, and never over the prompt, as ORPO's
 *    Eq. 5 has it; TRL's ORPO imitates the prompt, too, and both of its trainers weigh long completions more; CPO's
 *    paper writes the sum, its authors' code takes the mean;
 * 2. AdamW with a cosine; no dropout unless an adapter asks for it;
 * 3. a completion longer than the context is cut and gets no end token after the cut; pairs whose two
 *    completions are the same are left out, and counted.
 */
import { referenceFree, type ReferenceFreeSettings } from '../../src-shared/recipes/reference-free'
import type { Engine } from '../compute/engine'
import * as tf from '../compute/tf'
import { referenceFreeLosses, type ReferenceFreeLoss } from '../maths/reference-free-losses'
import { halves, type JudgedPairs } from './pair-objective'
import { completionSums, type PairBatch, type PairRows, type ReferredPair } from './pair-rows'
import { learnFromPairs, pairRow, type PairInputs } from './pair-run'
import type { Snapshot, TrainerEvent } from './trainer'
import { trainer } from './trainer-row'

/** As `learnFromPairs`. */
export const trainReferenceFree = (
  engine: Engine,
  inputs: PairInputs,
  settings: ReferenceFreeSettings,
  resume?: Snapshot,
): AsyncGenerator<TrainerEvent> =>
  learnFromPairs(
    engine,
    inputs,
    settings,
    {
      name: settings.loss,
      layout: { tailWeight: 1, margin: 0 },
      refer: async (pairs) => pairs.map(unreferred),
      judge: (logProbs, batch) => judgedFreely(logProbs, batch, settings),
      metrics: { chosen: 'policy/chosen-log-prob', rejected: 'policy/rejected-log-prob' },
    },
    resume,
  )

/** The same layout as with a reference, of which nothing is read. */
const unreferred = (pair: PairRows): ReferredPair => ({ ...pair, chosenReference: 0, rejectedReference: 0 })

/** @param logProbs log π of each token [2 pairs, time] @returns `chosen` and `rejected` nats a token, or whole */
export function judgedFreely(
  logProbs: tf.Tensor2D,
  { mask, tokens }: Pick<PairBatch, 'mask' | 'tokens'>,
  settings: Pick<ReferenceFreeSettings, 'loss' | 'beta' | 'gamma' | 'alpha' | 'sftWeight'>,
): JudgedPairs {
  const row: ReferenceFreeLoss = referenceFreeLosses[settings.loss]
  const whole = completionSums(logProbs, { mask })
  const perToken = tf.div<tf.Tensor1D>(whole, tokens)
  const [chosen, rejected] = halves(row.isPerToken ? perToken : whole)
  const imitation = tf.mul<tf.Tensor1D>(halves(perToken)[0], -settings.sftWeight)
  return {
    losses: tf.add(row.losses({ chosen, rejected }, settings), imitation),
    lead: tf.sub(chosen, rejected),
    chosen,
    rejected,
  }
}

export const referenceFreeTrainer = trainer(referenceFree, {
  ...pairRow,
  start: async (engine, given, settings, resume) => {
    const policy = await given.languageModel('policy')
    const inputs = { policy, pairs: given.preferencePairs('pairs') }
    return trainReferenceFree(engine, inputs, settings, resume)
  },
})
