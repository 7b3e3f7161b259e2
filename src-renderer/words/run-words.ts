/** What is said of a run: its steps, whether it can go on, and what goes with it. */
import { unitOf } from '../../src-shared/fields'
import { recipeOf, type RecipeName } from '../../src-shared/recipes/recipes'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import { runStates, type Run } from '../../src-shared/records/run'
import type { Sample } from '../../src-shared/records/sample'
import { bytesText } from '../../src-shared/sizes'

/** What the steps of a recipe are, of many: "updates". */
export function stepUnitOf(recipe: RecipeName): string {
  const field = recipeOf(recipe).fields['updates']
  return (field && unitOf(field)) ?? 'updates'
}

/** "update", of "updates" */
export const oneOf = (unit: string): string => unit.replace(/s$/, '')

export const canResume = ({ state, resumableStep }: Run): boolean =>
  (state === 'stopped' || state === 'failed') && resumableStep !== undefined

/** "2 checkpoints, 6.4 MB, and 120 samples go with it." */
export function lossText(checkpoints: readonly Checkpoint[], samples: readonly Sample[]): string {
  const bytes = checkpoints.reduce((sum, checkpoint) => sum + checkpoint.bytes, 0)
  const kept = `${checkpoints.length} ${checkpoints.length === 1 ? 'checkpoint' : 'checkpoints'}`
  return `${kept}, ${bytesText(bytes)}, and ${samples.length} samples go with it.`
}

/** "1 running, 2 queued, 37 finished; 6 are archived, 1 in the bin" */
export function runsSummary(runs: readonly Run[]): string {
  const inSight = runs.filter(({ shelf }) => shelf === undefined)
  const states = runStates.flatMap((state) => {
    const count = inSight.filter((run) => run.state === state).length
    return count === 0 ? [] : [`${count} ${state}`]
  })
  const away = (['archive', 'bin'] as const).flatMap((shelf) => {
    const count = runs.filter((run) => run.shelf === shelf).length
    return count === 0 ? [] : [`${count} in the ${shelf}`]
  })
  return [states.join(', '), away.join(', ')].filter((part) => part !== '').join('; ')
}
