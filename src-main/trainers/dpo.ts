/**
 * Direct Preference Optimization (Rafailov et al. 2023) and its kin: a policy learns from preference pairs, held
 * to the model it started from. They differ in the loss (`maths/preference-losses.ts`), in the divergence that
 * holds the policy (`maths/divergences.ts`), in what of a completion counts (length-normalised: Lambert et al.
 * 2024, "Tülu 3", Eq. 6; LD-DPO: Liu et al. 2024), in a margin by how much better the chosen one is (Amini et al.
 * 2024, "DPO with an offset", Eq. 8) and in a share of imitation (RPO: Pang et al. 2024, Eq. 1).
 *
 * Departures, all on purpose:
 * 1. the reference's log-probabilities are computed once, before the first update, and kept beyond the run:
 *    the reference never changes;
 * 2. AdamW with a cosine instead of RMSprop with a constant step size;
 * 3. no dropout unless an adapter asks for it: at this size it only adds noise to the lead;
 * 4. a completion longer than the context is cut and gets no end token after the cut, as in fine-tuning;
 * 5. pairs whose two completions are the same teach nothing and are left out, and counted;
 * 6. IPO takes whole log-ratios, as its Eq. 17 is written; TRL and its authors' results take the mean a token,
 *    which is the setting `logRatios: per-token`.
 */
import { dpo, type DpoSettings } from '../../src-shared/recipes/dpo'
import type { Engine } from '../compute/engine'
import { openAlignment } from './aligned-pairs'
import { judgedPairs } from './pair-objective'
import { learnFromPairs, pairRow, type PairInputs } from './pair-run'
import { withReference } from './reference-log-probs'
import type { Snapshot, TrainerEvent } from './trainer'
import { trainer, type Keep } from './trainer-row'

/** The policy is what it is held to, too. */
export interface DpoInputs extends PairInputs {
  /** Keeps the reference's log-probabilities; without it they are computed for each run. */
  readonly keep?: Keep | undefined
}

/** As `learnFromPairs`. */
export const trainDpo = (
  engine: Engine,
  { policy, pairs, keep }: DpoInputs,
  settings: DpoSettings,
  resume?: Snapshot,
): AsyncGenerator<TrainerEvent> =>
  learnFromPairs(
    engine,
    { policy, pairs },
    settings,
    {
      name: 'dpo',
      layout: { tailWeight: settings.tailWeight, margin: settings.margin },
      refer: (some, shape) => withReference(engine, policy, some, shape, keep),
      judge: (logProbs, batch) => judgedPairs(logProbs, batch, settings),
      openAlignment: (model) => openAlignment(engine, model, settings),
      metrics: { chosen: 'policy/chosen-drift', rejected: 'policy/rejected-drift' },
    },
    resume,
  )

export const dpoTrainer = trainer(dpo, {
  ...pairRow,
  start: async (engine, given, settings, resume) => {
    const policy = await given.languageModel('policy')
    const inputs = { policy, pairs: given.preferencePairs('pairs'), keep: given.keep }
    return trainDpo(engine, inputs, settings, resume)
  },
})
