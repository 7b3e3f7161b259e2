/** The ways of the room Runs: in its address, and kept for the next time. */
import type { Ref } from 'vue'
import { useKept } from './kept'

export const runsModes = {
  charts: 'Charts',
  table: 'Table',
  lineage: 'Lineage',
  sweeps: 'Sweeps',
  plans: 'Plans',
} as const
export type RunsMode = keyof typeof runsModes

export const runsModeIn = (said: unknown): RunsMode | undefined =>
  typeof said === 'string' && Object.hasOwn(runsModes, said) ? (said as RunsMode) : undefined

export const useKeptRunsMode = (): Ref<RunsMode> => useKept<RunsMode>('runs-mode', 'charts', runsModeIn)
