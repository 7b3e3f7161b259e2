/** Where a run comes from, as the strip above its charts: dataset → base → SFT → reward model → PPO. */
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { Dataset } from '../../src-shared/records/dataset'
import type { Run } from '../../src-shared/records/run'
import { recipeOf } from '../../src-shared/recipes/recipes'
import { rowsText } from '../words/dataset-words'
import { parametersText } from '../words/model-words'

export interface LineageStep {
  readonly kind: 'dataset' | 'checkpoint' | 'run'
  readonly id: string
  readonly name: string
  /** Words under the name. */
  readonly detail: string
  readonly isCurrent: boolean
}

interface Known {
  readonly runs: ReadonlyMap<string, Run>
  readonly checkpoints: ReadonlyMap<string, Checkpoint>
  readonly datasets: ReadonlyMap<string, Dataset>
}

/**
 * Ancestors before descendants, each once; of the datasets only the one it all began with stands alone,
 * others are words of their run.
 */
export function lineageOf(run: Run, known: Known): readonly LineageStep[] {
  const steps = new Map<string, LineageStep>()
  visit(run, run, known, steps)
  const first = [...steps.values()].find((step) => step.kind === 'run')
  const dataset = first && datasetsOf(known.runs.get(first.id), known)[0]
  if (!dataset || [...steps.values()][0]?.kind !== 'run') return [...steps.values()]
  return [
    { kind: 'dataset', id: dataset.id, name: dataset.name, detail: rowsText(dataset), isCurrent: false },
    ...steps.values(),
  ]
}

function visit(run: Run, current: Run, known: Known, steps: Map<string, LineageStep>): void {
  if (steps.has(run.id)) return
  for (const checkpoint of checkpointsOf(run, known)) {
    const parent = checkpoint.runId === undefined ? undefined : known.runs.get(checkpoint.runId)
    if (parent && parent.id !== run.id) visit(parent, current, known, steps)
    else if (!parent)
      steps.set(checkpoint.id, {
        kind: 'checkpoint',
        id: checkpoint.id,
        name: checkpoint.name,
        detail: parametersText(checkpoint.parameters),
        isCurrent: false,
      })
  }
  steps.set(run.id, {
    kind: 'run',
    id: run.id,
    name: run.name,
    detail: detailOf(run, known),
    isCurrent: run.id === current.id,
  })
}

function checkpointsOf(run: Run, known: Known): readonly Checkpoint[] {
  return Object.entries(recipeOf(run.recipe).inputs)
    .filter(([, input]) => input.type === 'checkpoint')
    .flatMap(([name]) => run.inputs[name] ?? [])
    .flatMap((id) => known.checkpoints.get(id) ?? [])
}

function datasetsOf(run: Run | undefined, known: Known): readonly Dataset[] {
  if (!run) return []
  return Object.entries(recipeOf(run.recipe).inputs)
    .filter(([, input]) => input.type === 'dataset')
    .flatMap(([name]) => run.inputs[name] ?? [])
    .flatMap((id) => known.datasets.get(id) ?? [])
    .map((dataset) => asThen(dataset, run))
}

/** Judgments that came later made rows that the run was not made from. */
const asThen = (dataset: Dataset, { judgedRows }: Run): Dataset => ({
  ...dataset,
  rows: judgedRows?.[dataset.id] ?? dataset.rows,
})

function detailOf(run: Run, known: Known): string {
  const datasets = datasetsOf(run, known)
  const { made, inputs } = recipeOf(run.recipe)
  const startsFromNothing = Object.values(inputs).every((input) => input.type === 'dataset')
  if (startsFromNothing || datasets.length === 0) return made
  return datasets.map(rowsText).join(' + ')
}
