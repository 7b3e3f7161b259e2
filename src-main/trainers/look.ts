/**
 * Completions for people to look at: from the same prompts and seed each time, so that what changes is the
 * model.
 */
import type { Prompt } from '../../src-shared/records/turn'
import type { Engine } from '../compute/engine'
import { seedOf } from '../maths/random'
import { openTextWriter, type Sampling } from '../model/writing/generation'
import type { LanguageModel } from '../model/model'
import type { TrainerSample } from './trainer'

/** Completions of a look: enough to see a habit, few enough to read. */
const shown = 8
/** Tokens of one at most: a model that could write thousands is known by its beginning. */
const mostTokens = 128

/** What a look writes at once. */
export const lookSize = { rows: shown, tokens: mostTokens } as const

export interface Look {
  /** @returns eight completions, the prompts in turn */
  take(): Promise<readonly TrainerSample[]>
  dispose(): void
}

/** The model's own distribution, as long as the context allows and people read. */
export const plainSampling = ({ config }: LanguageModel, seed: number): Sampling => ({
  temperature: 1,
  topK: 0,
  topP: 1,
  maxTokens: Math.min(config.contextTokens, mostTokens),
  seed,
})

/**
 * @param prompts  not empty; the empty prompt starts from nothing
 * @param sampling its seed is the run's
 */
export function openLook(
  engine: Engine,
  model: LanguageModel,
  prompts: readonly Prompt[],
  sampling: Sampling,
): Look {
  const writer = openTextWriter(engine, model)
  const asked = Array.from({ length: shown }, (_, place) => prompts[place % prompts.length] ?? '')
  return {
    async take() {
      const completions = await writer.generate(asked, { ...sampling, seed: seedOf(sampling.seed, 'look') })
      return completions.map(({ prompt, text, completionTokens, hasEnded }) => ({
        prompt,
        completion: text,
        tokens: completionTokens,
        hasEnded,
      }))
    },
    dispose: () => writer.dispose(),
  }
}
