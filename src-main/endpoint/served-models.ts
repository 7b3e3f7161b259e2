/** Checkpoints that write texts, as an endpoint's clients name them. */
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { ServedModel } from './asked'

/** By name, or by id where several have one. */
export function servedModels(checkpoints: readonly Checkpoint[]): readonly ServedModel[] {
  const writers = checkpoints.filter(({ kind }) => kind === 'language-model')
  const isAlone = (name: string): boolean => writers.filter((each) => each.name === name).length === 1
  return writers.map(({ id, name, createdAtMs }) => ({
    id: isAlone(name) ? name : id,
    checkpointId: id,
    createdAtMs,
  }))
}
