/** What a person chose to see of the run table. It survives a reload. */
import type { RunShelf } from '../../src-shared/records/run-marks'
import { useKept } from '../composables/kept'
import { usualColumns } from '../words/run-columns'
import { groupings, type Grouping, type RunSort } from '../words/run-order'

export interface TableChoices {
  readonly columns: readonly string[]
  readonly sort: RunSort
  readonly grouping: Grouping
  readonly search: string
  /** Each is '' where anything goes. */
  readonly state: string
  readonly recipe: string
  readonly tag: string
  readonly shelf: RunShelf
  /** Columns of the settings in which runs differ: of the selected ones, else of all that are shown. */
  readonly areDifferingShown: boolean
  /** Titles of groups that show their head alone. */
  readonly folded: readonly string[]
}

const usual: TableChoices = {
  columns: usualColumns,
  sort: { by: 'begun', isDescending: true },
  grouping: 'recipe',
  search: '',
  state: '',
  recipe: '',
  tag: '',
  shelf: 'desk',
  areDifferingShown: false,
  folded: [],
}

export const useTableChoices = () => useKept('run-table', usual, choicesIn)

/** Of what was kept, that which still is what it should be; the rest is as usual. */
export function choicesIn(kept: unknown): TableChoices | undefined {
  if (typeof kept !== 'object' || kept === null) return undefined
  const said = kept as Readonly<Record<string, unknown>>
  const text = (name: string): string => (typeof said[name] === 'string' ? said[name] : '')
  const sort = said['sort'] as Partial<RunSort> | undefined
  return {
    columns: textsIn(said['columns']) ?? usual.columns,
    sort:
      typeof sort?.by === 'string' ? { by: sort.by, isDescending: sort.isDescending === true } : usual.sort,
    grouping: Object.hasOwn(groupings, text('grouping')) ? (text('grouping') as Grouping) : usual.grouping,
    search: text('search'),
    state: text('state'),
    recipe: text('recipe'),
    tag: text('tag'),
    // what lies elsewhere is looked for, not come upon
    shelf: 'desk',
    areDifferingShown: said['areDifferingShown'] === true,
    folded: textsIn(said['folded']) ?? [],
  }
}

const textsIn = (said: unknown): readonly string[] | undefined =>
  Array.isArray(said) && said.every((one) => typeof one === 'string') ? said : undefined
