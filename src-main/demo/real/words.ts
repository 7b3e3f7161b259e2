/** What the real model is asked: definitions to imitate, words to compare answers to, and words kept for the end. */
import type { Dataset } from '../../../src-shared/records/dataset'
import type { ExampleParts } from '../../../src-shared/records/example'
import { demonstrations, type Demonstration } from '../../data/training-data'
import { bundledDataset } from '../../datasets/bundled-datasets'
import type { LanguageModel } from '../../model/model'
import { promptIdsOf } from '../../model/rendering'
import { textOf } from '../../../src-shared/turn-texts'
import { examplesOf } from '../../store/examples'
import { appendExamples, beginImport, finishImport } from '../../store/imports'
import type { DemoRegistry } from '../runs'
import type { RealPlan } from './plan'

export interface Words {
  readonly demonstrations: Dataset
  readonly asked: readonly string[]
  readonly heldOut: readonly string[]
  /** What a completion has room for, tokens. */
  readonly maxTokens: number
}

/** Tokens that a completion has at least. */
const leastRoom = 8

/** @throws Error in words when the model's context is too short for the words */
export async function wordsFor(model: LanguageModel, registry: DemoRegistry, plan: RealPlan): Promise<Words> {
  const { db, resources, now, signal } = registry
  const { id } = await bundledDataset(
    db,
    { resources, fileName: 'devils-dictionary-qa.jsonl', nowMs: now() },
    signal,
  )
  const tokens = (prompt: Demonstration['prompt']): number => promptIdsOf(model.tokenizer, prompt).length
  const { contextTokens } = model.config
  const fitting = demonstrations(examplesOf(db, id)).filter(
    ({ prompt }) => tokens(prompt) + leastRoom <= contextTokens,
  )
  const needed = plan.demonstrations + plan.asked + plan.heldOut
  if (fitting.length < needed)
    throw new Error(
      `This model reads ${contextTokens} tokens: ${fitting.length} of the ${needed} words fit. Take one with a ` +
        'longer context.',
    )
  const byLength = [...fitting].sort((a, b) => textOf(a.completion).length - textOf(b.completion).length)
  const [imitated, others] = [byLength.slice(0, plan.demonstrations), byLength.slice(plan.demonstrations)]
  const asked = others.slice(0, plan.asked + plan.heldOut)
  const longest = Math.max(...asked.map(({ prompt }) => tokens(prompt)))
  const prompts = asked.map(({ prompt }) => textOf(prompt))
  return {
    demonstrations: datasetOf(registry, 'Short definitions', 'demonstrations', imitated),
    // every fourth or so, so that both are alike
    heldOut: prompts.filter((_, index) => isHeldOut(index, plan)),
    asked: prompts.filter((_, index) => !isHeldOut(index, plan)),
    maxTokens: Math.min(plan.maxTokens, contextTokens - longest),
  }
}

/** Spread evenly over all that is asked. */
function isHeldOut(index: number, { asked, heldOut }: RealPlan): boolean {
  const before = (place: number): number => Math.floor((place * heldOut) / (asked + heldOut))
  return before(index + 1) > before(index)
}

/** Rows as a dataset of the registry; the same rows are not doubled. */
export function datasetOf(
  { db, now }: Pick<DemoRegistry, 'db' | 'now'>,
  name: string,
  kind: 'demonstrations' | 'preferences',
  rows: readonly ExampleParts[],
): Dataset {
  const staged = beginImport(db, {
    name,
    kind,
    origin: 'imported',
    fileName: '',
    terms: 'Made by the demo.',
    createdAtMs: now(),
  })
  appendExamples(db, staged, rows)
  return finishImport(db, staged, 0).dataset
}
