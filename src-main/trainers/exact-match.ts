/**
 * How many held-out tasks a model solves exactly: for data with one right completion a prompt (minGPT,
 * projects/adder/adder.py `eval_split`).
 */
import type { Engine } from '../compute/engine'
import { openTextWriter } from '../model/writing/generation'
import type { LanguageModel } from '../model/model'
import { plainCompletion } from '../model/rendering'
import type { Demonstration } from '../data/training-data'

/** Tasks that are looked at: enough for a share to a quarter of a percent, few enough to repeat. */
const mostTasks = 500

export interface ExactMatch {
  /** @returns the share whose likeliest completion is the right one and ends where it does */
  measure(): Promise<number>
  dispose(): void
}

/** @param tasks held out, not empty */
export function openExactMatch(
  engine: Engine,
  model: LanguageModel,
  tasks: readonly Demonstration[],
): ExactMatch {
  const writer = openTextWriter(engine, model)
  const asked = tasks.slice(0, mostTasks)
  const maxTokens =
    1 + Math.max(...asked.map(({ completion }) => model.tokenizer.encode(plainCompletion(completion)).length))
  return {
    async measure() {
      const written = await writer.generate(
        asked.map(({ prompt }) => prompt),
        { temperature: 0, topK: 0, topP: 1, maxTokens, seed: 0 },
      )
      return (
        written.filter(
          ({ text, hasEnded }, place) => hasEnded && text === plainCompletion(asked[place]!.completion),
        ).length / asked.length
      )
    },
    dispose: () => writer.dispose(),
  }
}
