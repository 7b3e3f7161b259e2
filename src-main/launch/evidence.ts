/** What a run can start with and should not be relied on for: too little to learn from, rewards that nothing backs. */
import { fewestHeldOut, intervalText, weaknessOf } from '../../src-shared/evidence'
import type { RunInputs } from '../../src-shared/records/run'
import type { FieldProblem } from '../../src-shared/result'
import { datasetWords } from '../../src-shared/dataset-words'
import { recipeOf } from '../../src-shared/recipes/recipes'
import { countOf } from '../../src-shared/sizes'
import { shareWithInterval } from '../maths/interval'
import { findCheckpoint } from '../store/checkpoints'
import { evidenceOf } from '../store/evidence'
import type { ReadableDb } from '../store/handle'
import { newestValue } from '../store/metric-points'
import { findRun } from '../store/runs'
import { heldOutCount } from '../trainers/held-out'
import type { Materials } from './problems'

/** Only of a launch that nothing stands in the way of. */
export const warningsOf = (
  db: ReadableDb,
  materials: Materials,
  inputs: RunInputs,
): readonly FieldProblem[] => [...fewRows(materials), ...unprovenRewards(db, materials, inputs)]

/** Where what is held out can tell nothing from chance. */
function fewRows({ recipe, settings, datasets }: Materials): readonly FieldProblem[] {
  const fraction = Number(settings['heldOutFraction'])
  if (recipe.headline !== 'accuracy/held-out' || !(fraction > 0)) return []
  const [field, chosen] = Object.entries(datasets)[0] ?? []
  const kind = chosen?.[0]?.kind
  if (field === undefined || !chosen || !kind) return []
  const rows = chosen.reduce((sum, dataset) => sum + dataset.rows, 0)
  const held = heldOutCount(rows, fraction)
  if (held >= fewestHeldOut) return []
  const best = held > 0 ? `: all right would be ${intervalText(shareWithInterval(held, held).interval)}` : ''
  return [
    {
      field,
      problem:
        `${countOf(rows, ...datasetWords[kind].row)}, ${held} of them held out, tell little from chance${best} with ` +
        `95 %. ${Math.ceil(fewestHeldOut / fraction).toLocaleString('en-US')} or more would.`,
    },
  ]
}

/** Reward models that a run here made and that their own held-out pairs do not back. */
function unprovenRewards(db: ReadableDb, { recipe }: Materials, inputs: RunInputs): readonly FieldProblem[] {
  return Object.entries(recipe.inputs)
    .filter(([, input]) => input.type === 'checkpoint' && input.kind === 'reward-model')
    .flatMap(([field]) =>
      (inputs[field] ?? []).flatMap((id) => {
        const problem = unproven(db, id)
        return problem === undefined ? [] : [{ field, problem }]
      }),
    )
}

function unproven(db: ReadableDb, checkpointId: string): string | undefined {
  const checkpoint = findCheckpoint(db, checkpointId)
  const run = checkpoint?.runId === undefined ? undefined : findRun(db, checkpoint.runId)
  if (!checkpoint || !run) return undefined
  const { headline } = recipeOf(run.recipe)
  const evidence = evidenceOf(db, run.id, headline, checkpoint.step)
  const share = newestValue(db, run.id, headline, checkpoint.step)
  if (!evidence || share === undefined) return undefined
  const weakness = weaknessOf(evidence)
  return weakness === undefined
    ? undefined
    : `“${checkpoint.name}” was right on ${share.toFixed(2)} of what it never saw (95 %: ${intervalText(evidence)}; ` +
        `${weakness}). What a policy gains by it may be no gain to you.`
}
