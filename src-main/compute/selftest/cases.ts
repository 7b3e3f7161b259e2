/** Every differential case there is: each row of the table of kernels has at least one. */
import type { Case } from './case'
import { constantCases } from './constants'
import { elementwiseCases } from './elementwise'
import { fusedCases } from './fused'
import { indexingCases } from './indexing'
import { matmulCases } from './matmul'
import { reductionCases } from './reduction'
import { shapeCases } from './shape'
import { specialCases } from './special'

export const cases: readonly Case[] = [
  ...constantCases,
  ...elementwiseCases,
  ...specialCases,
  ...reductionCases,
  ...matmulCases,
  ...shapeCases,
  ...indexingCases,
  ...fusedCases,
]
