/** One policy in numbers: what it writes, how it is rewarded, and how far it is from the fine-tuned model. */
import type { Checkpoint } from '../../../src-shared/records/checkpoint'
import type { Engine } from '../../compute/engine'
import { evaluateTexts, type Evaluation, type WithIntervals } from '../../evaluation/evaluate-texts'
import { klToReference } from '../../evaluation/kl-to-reference'
import { seedOf } from '../../maths/random'
import { generate } from '../../model/writing/generation'
import { lexiconReward } from '../../rewards/lexicon'
import { winkReward } from '../../rewards/wink'
import type { ReadableDb } from '../../store/handle'
import { languageModelOf } from '../measure'
import { frontierSampling } from './plan'
import type { FrontierStart } from './start'

export interface MeasuredPolicy extends WithIntervals<Evaluation & { readonly klToSft: number }> {
  /** Updates that made it. */
  readonly step: number
  /** A few of its texts. */
  readonly shown: readonly string[]
}

/** Texts that are kept for people. */
const shown = 8

/** @param texts how many completions */
export async function measurePolicy(
  { engine, db, start }: { readonly engine: Engine; readonly db: ReadableDb; readonly start: FrontierStart },
  checkpoint: Checkpoint,
  texts: number,
): Promise<MeasuredPolicy> {
  const model = await languageModelOf(db, checkpoint)
  const prompts = Array.from({ length: texts }, () => '')
  const completions = await generate(engine, model, prompts, {
    ...frontierSampling,
    seed: seedOf(checkpoint.step, 'measured', checkpoint.name),
  })
  const scored = completions.map(({ prompt, text, hasEnded }) => ({ prompt, completion: text, hasEnded }))
  const evaluation = await evaluateTexts(scored, {
    reward: lexiconReward,
    judge: winkReward,
    trainingTexts: start.trainingTexts,
  })
  const kl = await klToReference(engine, model, start.model, completions)
  return {
    ...evaluation,
    step: checkpoint.step,
    klToSft: kl.mean,
    ci95: { ...evaluation.ci95, klToSft: kl.interval },
    shown: scored.slice(0, shown).map(({ completion }) => completion),
  }
}
