/** Every stage measured on its own completions, and the line it is held against. */
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { Sample } from '../../src-shared/records/sample'
import { openEngine } from '../compute/devices'
import type { Engine } from '../compute/engine'
import { bestOfNLine, rewardOnLine, type BestOfN } from '../evaluation/best-of-n'
import { evaluateTexts } from '../evaluation/evaluate-texts'
import { klToReference } from '../evaluation/kl-to-reference'
import { seedOf } from '../maths/random'
import { generate } from '../model/writing/generation'
import type { Completion } from '../model/writing/sequence'
import { loadModel } from '../model/checkpoint'
import type { LanguageModel } from '../model/model'
import { lexiconReward } from '../rewards/lexicon'
import type { ScoredText } from '../rewards/reward'
import { winkReward } from '../rewards/wink'
import { filesOfCheckpoint } from '../store/checkpoints'
import type { ReadableDb, WritableDb } from '../store/handle'
import { insertSamples } from '../store/samples'
import { measuredSampling, type DemoPlan } from './plan'
import { stageNames, type DemoReport, type Stage, type StageName } from './report'
import { DemoStopped, type Trained } from './runs'

export interface Measured {
  readonly db: WritableDb
  /** Id of what writes. */
  readonly device: string
  readonly trained: Readonly<Record<StageName, Trained>>
  readonly plan: Pick<DemoPlan, 'texts' | 'pool'>
  /** What a copied text would stand in. */
  readonly trainingTexts: readonly string[]
  readonly seed: number
  readonly signal: AbortSignal
}

/** Measures all stages and the best-of-n line; a few texts of each stage go into the registry. */
export async function measureAll(
  { db, device, trained, plan, trainingTexts, seed, signal }: Measured,
  say: (fraction: number, what: string) => void,
) {
  const engine = await openEngine(device)
  try {
    const sft = await modelOf(db, trained.sft)
    const measuredWith = { engine, sft, trainingTexts, seed }
    const stages: Stage[] = []
    const samples = {} as Record<StageName, readonly Omit<Sample, 'id'>[]>
    for (const name of stageNames) {
      if (signal.aborted) throw new DemoStopped('Stopped. All trainings are saved; nothing was measured.')
      say(stages.length / (stageNames.length + 1), name)
      const { stage, samples: kept } = await measureStage(
        name,
        await modelOf(db, trained[name]),
        plan.texts,
        measuredWith,
      )
      stages.push(stage)
      samples[name] = insertSamples(
        db,
        kept.map((sample) => ({
          ...sample,
          checkpointId: trained[name].checkpoint.id,
          step: trained[name].checkpoint.step,
        })),
      )
    }
    say(stageNames.length / (stageNames.length + 1), 'best of n')
    return { stages, samples, line: await measureLine(plan.pool, measuredWith), device: engine.device }
  } finally {
    engine.dispose()
  }
}

const modelOf = (db: WritableDb, { checkpoint }: Trained): Promise<LanguageModel> =>
  languageModelOf(db, checkpoint)

/** @throws Error when it is a reward model */
export async function languageModelOf(db: ReadableDb, { id, name }: Checkpoint): Promise<LanguageModel> {
  const { model } = await loadModel(filesOfCheckpoint(db, id).path)
  if (model.kind !== 'language-model') throw new Error(`${name} writes no text`)
  return model
}

interface MeasuredWith {
  readonly engine: Engine
  readonly sft: LanguageModel
  readonly trainingTexts: readonly string[]
  readonly seed: number
}

/** Texts that are kept for people. */
const shown = 12

/** @param texts how many completions */
async function measureStage(
  name: StageName,
  model: LanguageModel,
  texts: number,
  { engine, sft, trainingTexts, seed }: MeasuredWith,
): Promise<{ readonly stage: Stage; readonly samples: readonly Omit<Sample, 'id' | 'step'>[] }> {
  const completions = await generate(engine, model, emptyPrompts(texts), {
    ...measuredSampling,
    seed: seedOf(seed, 'measured', name),
  })
  const evaluation = await evaluateTexts(completions.map(asScored), {
    reward: lexiconReward,
    judge: winkReward,
    trainingTexts,
  })
  const kl = await klToReference(engine, model, sft, completions)
  const kept = completions.slice(0, shown)
  const [rewards, judged] = [await lexiconReward(kept.map(asScored)), await winkReward(kept.map(asScored))]
  return {
    stage: { name, ...evaluation, klToSft: kl.mean, ci95: { ...evaluation.ci95, klToSft: kl.interval } },
    samples: kept.map(({ prompt, text, completionTokens, hasEnded }, index) => ({
      prompt,
      completion: text,
      tokens: completionTokens,
      hasEnded,
      reward: rewards[index] as number,
      judge: judged[index] as number,
    })),
  }
}

/** @param pool how many completions of the fine-tuned model the line is made from */
async function measureLine(pool: number, { engine, sft, seed }: MeasuredWith): Promise<readonly BestOfN[]> {
  const completions = await generate(engine, sft, emptyPrompts(pool), {
    ...measuredSampling,
    seed: seedOf(seed, 'pool'),
  })
  return bestOfNLine(await lexiconReward(completions.map(asScored)))
}

/** What a trained policy gained over the fine-tuned model, of what best-of-n gains at the policy's own KL. */
export function againstLine(
  stages: readonly Stage[],
  line: readonly BestOfN[],
): DemoReport['againstBestOfN'] {
  const start = line[0]?.meanReward ?? 0
  return stages
    .filter(({ name }) => name.startsWith('ppo'))
    .map(({ name, klToSft, meanReward }) => {
      const lineReward = rewardOnLine(line, klToSft)
      return lineReward === undefined
        ? { name }
        : { name, lineReward, shareOfLine: (meanReward - start) / (lineReward - start) }
    })
}

const emptyPrompts = (count: number): string[] => Array.from({ length: count }, () => '')
const asScored = ({ prompt, text, hasEnded }: Completion): ScoredText => ({
  prompt,
  completion: text,
  hasEnded,
})
