/**
 * A queue's items as tasks for the programs of others, one row a program: records of Argilla 2 as `records.to_json`
 * writes them and `records.from_json` reads them, and tasks of Label Studio as it imports them. Each knows its item by
 * `comparison_id`, by which judgments find back (judgments-elsewhere.ts).
 */
import { letterOf } from '../../src-shared/label-modes/letters'
import type { LabelModeName } from '../../src-shared/records/labelling'
import { candidatesOf, type Comparison } from '../../src-shared/records/comparison'
import { textOf } from '../../src-shared/turn-texts'
import { StudioFailure } from '../../src-shared/result'

export const taskPrograms = ['argilla', 'label-studio'] as const
export type TaskProgram = (typeof taskPrograms)[number]

/** What others can ask for, each under the name of its question: the modes that have one there. */
const questionOf: Readonly<Partial<Record<LabelModeName, string>>> = {
  pair: 'preference',
  ranking: 'ranking',
  rating: 'rating',
  'yes-no': 'good',
}

/** @throws StudioFailure invalid-input, for a mode that the others have no question for */
export function questionFor(mode: LabelModeName): string {
  const question = questionOf[mode]
  if (question !== undefined) return question
  throw new StudioFailure({
    kind: 'invalid-input',
    field: 'queue',
    problem:
      `is judged by ${mode}, for which Argilla and Label Studio have no question: ` +
      `${Object.keys(questionOf).join(', ')} have one`,
  })
}

/** @returns the text of a JSON file */
export function tasksFor(program: TaskProgram, mode: LabelModeName, items: readonly Comparison[]): string {
  questionFor(mode)
  return `${JSON.stringify(
    items.map((item) => rows[program](item, mode)),
    undefined,
    1,
  )}\n`
}

const rows: Readonly<Record<TaskProgram, (item: Comparison, mode: LabelModeName) => unknown>> = {
  argilla: (item, mode) => ({
    id: item.id,
    status: 'pending',
    fields: { prompt: textOf(item.prompt), ...textsOf(item, mode) },
    metadata: { comparison_id: item.id },
    suggestions: {},
    responses: {},
    vectors: {},
  }),
  'label-studio': (item, mode) => ({
    data: {
      comparison_id: item.id,
      prompt: textOf(item.prompt),
      ...(mode === 'ranking' ? { items: listed(item) } : textsOf(item, mode)),
    },
  }),
}

function textsOf(item: Comparison, mode: LabelModeName): Readonly<Record<string, string>> {
  if (mode === 'pair') return { left: item.left.text, right: item.right.text }
  const texts = candidatesOf(item).map(({ text }) => text)
  if (mode !== 'ranking') return { completion: texts[0] ?? '' }
  return Object.fromEntries(texts.map((text, index) => [`completion_${letterOf(index)}`, text]))
}

const listed = (item: Comparison) =>
  candidatesOf(item).map(({ text }, index) => ({ id: letterOf(index), title: letterOf(index), body: text }))

/** Whether a task that came back is this item: ids of two registries are alike, texts are not. */
export function isTaskOf(
  item: Comparison,
  mode: LabelModeName,
  task: Readonly<Record<string, unknown>>,
): boolean {
  const ours = { prompt: textOf(item.prompt), ...textsOf(item, mode), items: listed(item) }
  const shown = Object.entries(ours).filter(([name]) => name in task)
  return (
    shown.length > 1 && shown.every(([name, text]) => JSON.stringify(task[name]) === JSON.stringify(text))
  )
}
