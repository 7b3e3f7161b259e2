/**
 * Every kernel a recorded program may use. A kernel without a row is refused while recording.
 */
import { memoryKernels } from './cached-attention'
import { constants } from './constants'
import { elementwise } from './elementwise'
import { indexing } from './indexing'
import { products } from './matmul'
import { layerKernels } from './operators'
import { reductions } from './reduction'
import type { Table } from './row'
import { shapes } from './shape'
import { weights } from './written-out'

export const table: Table = {
  ...constants,
  ...elementwise,
  ...reductions,
  ...products,
  ...shapes,
  ...indexing,
  ...layerKernels,
  ...memoryKernels,
  ...weights,
}
