/**
 * Checkpoints by the run that made them, newest first, each with what its run was made from; imported ones
 * together.
 */
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { Run } from '../../src-shared/records/run'
import { recipeOf } from '../../src-shared/recipes/recipes'

export interface Family {
  /** The run's id, or what stands in its place. */
  readonly key: string
  /** Undefined for checkpoints that no run here made: bundled, imported, or their run was deleted. */
  readonly run: Run | undefined
  readonly title: string
  /** "Fine-tune (SFT), from base-02, update 2,022" */
  readonly origin: string
  readonly checkpoints: readonly Checkpoint[]
}

export function familiesOf(
  checkpoints: readonly Checkpoint[],
  runs: ReadonlyMap<string, Run>,
): readonly Family[] {
  const byRun = new Map<string, Checkpoint[]>()
  for (const checkpoint of checkpoints) {
    const key =
      checkpoint.runId !== undefined && runs.has(checkpoint.runId)
        ? checkpoint.runId
        : checkpoint.importedFrom === undefined
          ? 'no run'
          : 'imported'
    byRun.set(key, [...(byRun.get(key) ?? []), checkpoint])
  }
  const names = new Map(checkpoints.map((checkpoint) => [checkpoint.id, checkpoint.name]))
  return [...byRun].map(([key, members]) => {
    const run = runs.get(key)
    if (run) return { key, run, title: run.name, origin: originOf(run, names), checkpoints: members }
    return key === 'imported'
      ? {
          key,
          run,
          title: 'Imported',
          origin: 'From the files of other programs, or of another studio',
          checkpoints: members,
        }
      : {
          key,
          run,
          title: 'Without a run',
          origin: 'Came with the studio, or its run was deleted',
          checkpoints: members,
        }
  })
}

function originOf(run: Run, names: ReadonlyMap<string, string>): string {
  const parents = Object.values(run.inputs)
    .flat()
    .flatMap((id) => names.get(id) ?? [])
  const { title } = recipeOf(run.recipe)
  return parents.length > 0 ? `${title}, from ${parents.join(' and ')}` : `${title}, from random weights`
}
