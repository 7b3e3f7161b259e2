/** Checkpoints by the run that made them, newest first, each with what its run was made from. */
import type { Checkpoint, Run } from '../../src-shared/records'
import { recipes } from '../../src-shared/recipes/recipes'

export interface Family {
  /** Undefined for checkpoints that no run here made: bundled, or their run was deleted. */
  readonly run: Run | undefined
  readonly title: string
  /** "Fine-tune (SFT), from base-02, update 2,022" */
  readonly origin: string
  readonly checkpoints: readonly Checkpoint[]
}

export function familiesOf(checkpoints: readonly Checkpoint[], runs: ReadonlyMap<string, Run>): readonly Family[] {
  const byRun = new Map<string, Checkpoint[]>()
  for (const checkpoint of checkpoints) {
    const key = checkpoint.runId !== undefined && runs.has(checkpoint.runId) ? checkpoint.runId : ''
    byRun.set(key, [...(byRun.get(key) ?? []), checkpoint])
  }
  const names = new Map(checkpoints.map((checkpoint) => [checkpoint.id, checkpoint.name]))
  return [...byRun].map(([runId, members]) => {
    const run = runs.get(runId)
    return { run, title: run?.name ?? 'Without a run', origin: run ? originOf(run, names) : originWithoutRun(members), checkpoints: members }
  })
}

function originWithoutRun(members: readonly Checkpoint[]): string {
  const imported = members.filter(({ importedFrom }) => importedFrom !== undefined).length
  return imported === members.length ? 'Imported' : imported === 0 ? 'Came with the studio, or its run was deleted' : 'Imported, came with the studio, or its run was deleted'
}

function originOf(run: Run, names: ReadonlyMap<string, string>): string {
  const parents = Object.values(run.inputs).flat().flatMap((id) => names.get(id) ?? [])
  const { title } = recipes[run.recipe]
  return parents.length > 0 ? `${title}, from ${parents.join(' and ')}` : `${title}, from random weights`
}
