/** A model that a format cannot hold. */
import { StudioFailure } from '../../../src-shared/result'

/** @throws StudioFailure */
export const refuseFormat = (problem: string): never => {
  throw new StudioFailure({ kind: 'invalid-input', field: 'format', problem })
}
