/** In which order and in which groups runs stand in their table. */
import { metrics } from '../../src-shared/metrics'
import type { Run } from '../../src-shared/records/run'
import { recipeNames, recipeOf } from '../../src-shared/recipes/recipes'
import type { CellValue, RunColumn, RunFacts } from './run-columns'

export interface RunSort {
  /** Of a column; `name` is the run's own. */
  readonly by: string
  readonly isDescending: boolean
}

export const groupings = { recipe: 'recipe', state: 'state', data: 'data', none: 'none' } as const
export type Grouping = keyof typeof groupings

export interface RunGroup {
  readonly title: string
  /** What the headline of these runs is, where it is one for all. */
  readonly headline: string
  readonly runs: readonly Run[]
}

const compareText = new Intl.Collator('en', { numeric: true, sensitivity: 'base' }).compare

/** Before, after or beside; what has no value stands last whatever the direction. */
function compareCells(a: CellValue, b: CellValue, sign: 1 | -1): number {
  if (a === undefined || a === '') return b === undefined || b === '' ? 0 : 1
  if (b === undefined || b === '') return -1
  if (typeof a === 'number' && typeof b === 'number') {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
    return sign * (a - b)
  }
  return sign * compareText(String(a), String(b))
}

/** Pinned ones first; equal ones stay in the order in which they came. */
export function sortedRuns(
  runs: readonly Run[],
  column: RunColumn | undefined,
  isDescending: boolean,
  facts: RunFacts,
): readonly Run[] {
  const sign = isDescending ? -1 : 1
  const valueOf = (run: Run): CellValue => (column ? column.valueOf(run, facts) : run.name)
  return runs
    .map((run) => ({ run, value: valueOf(run) }))
    .sort(
      (a, b) =>
        Number(b.run.isPinned ?? false) - Number(a.run.isPinned ?? false) ||
        compareCells(a.value, b.value, sign),
    )
    .map(({ run }) => run)
}

const keysOf: Readonly<Record<Grouping, (run: Run, facts: RunFacts) => string>> = {
  recipe: ({ recipe }) => recipe,
  state: ({ state }) => state,
  data: (run, { dataOf }) => dataOf(run) || 'no data',
  none: () => 'all',
}

/** Groups of recipes stand as in the list of runs, what is made last first; others as their first run comes. */
export function groupedRuns(runs: readonly Run[], by: Grouping, facts: RunFacts): readonly RunGroup[] {
  const groups = new Map<string, Run[]>()
  if (by === 'recipe') for (const name of recipeNames.toReversed()) groups.set(name, [])
  for (const run of runs) {
    const key = keysOf[by](run, facts)
    groups.set(key, [...(groups.get(key) ?? []), run])
  }
  return [...groups]
    .filter(([, all]) => all.length > 0)
    .map(([key, all]) => ({ title: titleOf(by, key, all), headline: headlineOf(all), runs: all }))
}

const titleOf = (by: Grouping, key: string, [first]: readonly Run[]): string =>
  by === 'recipe' && first ? recipeOf(first.recipe).title : by === 'none' ? 'All runs' : key

function headlineOf(runs: readonly Run[]): string {
  const names = new Set(runs.map(({ recipe }) => recipeOf(recipe).headline))
  const [name] = names
  if (names.size !== 1 || name === undefined) return ''
  const { unit } = metrics[name]
  return unit === '' ? name : `${name}, ${unit}`
}
