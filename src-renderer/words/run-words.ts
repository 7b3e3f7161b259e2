/** What is said of a run: its steps, whether it can go on, and what goes with it. */
import { unitOf } from '../../src-shared/fields'
import { recipeOf, type RecipeName } from '../../src-shared/recipes/recipes'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { Run } from '../../src-shared/records/run'
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
