/** All runs as a table: which are shown, in which order and groups, with which columns, and which are selected. */
import { defineStore } from 'pinia'
import { computed, ref, type Ref } from 'vue'
import { metricNames } from '../../src-shared/metrics'
import type { Run } from '../../src-shared/records/run'
import { recipeOf } from '../../src-shared/recipes/recipes'
import { useNow } from '../composables/now'
import {
  differingSettings,
  factColumns,
  metricColumn,
  settingColumn,
  type RunColumn,
  type RunFacts,
} from '../words/run-columns'
import { groupedRuns, sortedRuns } from '../words/run-order'
import { readQuery } from '../words/run-query'
import { useDatasets } from './datasets'
import { useTableChoices, type TableChoices } from './run-table-choices'
import { useRuns } from './runs'

export const useRunTable = defineStore('run-table', () => {
  const runs = useRuns()
  const facts = useFacts()
  const choices = useTableChoices()
  const change = (changes: Partial<TableChoices>): void => {
    choices.value = { ...choices.value, ...changes }
  }

  const onShelf = computed(() => runs.all.filter(({ shelf = 'desk' }) => shelf === choices.value.shelf))
  const settings = computed(() => new Set(onShelf.value.flatMap((run) => Object.keys(run.settings))))
  const query = computed(() => readQuery(choices.value.search, settings.value))
  const matching = computed(() =>
    onShelf.value.filter(
      (run) => isMeant(run, choices.value) && query.value.matches(run, runs.trends.get(run.id)),
    ),
  )

  const selection = useSelection(() => matching.value)
  const columns = useColumns(() => ({
    all: onShelf.value,
    compared: selection.selected.value.length > 1 ? selection.selected.value : matching.value,
    choices: choices.value,
  }))
  const order = useOrder({ matching, facts, choices, known: columns.known })

  const shown = { facts, choices, onShelf, matching, query }
  return { ...shown, ...order, ...selection, ...columns, change }
})

interface Ordered {
  readonly matching: Readonly<Ref<readonly Run[]>>
  readonly facts: Readonly<Ref<RunFacts>>
  readonly choices: Ref<TableChoices>
  readonly known: Readonly<Ref<ReadonlyMap<string, RunColumn>>>
}

function useOrder({ matching, facts, choices, known }: Ordered) {
  const groups = computed(() => {
    const { sort, grouping } = choices.value
    const sorted = sortedRuns(matching.value, known.value.get(sort.by), sort.isDescending, facts.value)
    return groupedRuns(sorted, grouping, facts.value)
  })
  /** Row by row as they stand, without those of folded groups. */
  const rows = computed(() => {
    const { folded, grouping } = choices.value
    return groups.value.flatMap(({ title, runs }) =>
      grouping !== 'none' && folded.includes(title) ? [] : runs,
    )
  })

  function sortBy(id: string): void {
    const { by, isDescending } = choices.value.sort
    const isNumber = known.value.get(id)?.isNumber ?? false
    choices.value = {
      ...choices.value,
      sort: { by: id, isDescending: by === id ? !isDescending : isNumber },
    }
  }
  function fold(title: string): void {
    const { folded } = choices.value
    choices.value = {
      ...choices.value,
      folded: folded.includes(title) ? folded.filter((one) => one !== title) : [...folded, title],
    }
  }
  return { groups, rows, sortBy, fold }
}

const isMeant = (run: Run, { state, recipe, tag }: TableChoices): boolean =>
  (state === '' || run.state === state) &&
  (recipe === '' || run.recipe === recipe) &&
  (tag === '' || (run.tags ?? []).includes(tag))

function useFacts() {
  const runs = useRuns()
  const datasets = useDatasets()
  const now = useNow(10_000)
  return computed((): RunFacts => {
    const pinned = runs.all.filter(({ isPinned, shelf }) => isPinned && shelf !== 'bin')
    const baselines = new Map(pinned.toReversed().map((run) => [run.recipe, run]))
    return {
      trendOf: (id) => runs.trends.get(id),
      dataOf: ({ recipe, inputs }) =>
        Object.entries(recipeOf(recipe).inputs)
          .filter(([, { type }]) => type === 'dataset')
          .flatMap(([name]) => inputs[name] ?? [])
          .map((id) => datasets.byId.get(id)?.name ?? 'a dataset that is gone')
          .join(' + '),
      baselineOf: ({ recipe }) => baselines.get(recipe),
      nowMs: now.value,
    }
  })
}

interface ColumnWish {
  readonly all: readonly Run[]
  readonly compared: readonly Run[]
  readonly choices: TableChoices
}

function useColumns(wish: () => ColumnWish) {
  const runs = useRuns()
  /** All that can be chosen: facts, what any run here measured, and what any was set to. */
  const choosable = computed(() => {
    const { all } = wish()
    const measured = metricNames.filter((name) =>
      all.some(({ id }) => runs.trends.get(id)?.last?.[name] !== undefined),
    )
    const settings = [...new Set(all.flatMap((run) => Object.keys(run.settings)))].sort()
    return {
      facts: factColumns,
      measured: measured.map(metricColumn),
      settings: settings.map(settingColumn),
    }
  })
  const known = computed((): ReadonlyMap<string, RunColumn> => {
    const { facts, measured, settings } = choosable.value
    return new Map([...facts, ...measured, ...settings].map((column) => [column.id, column]))
  })
  const columns = computed(() => {
    const { choices, compared } = wish()
    const chosen = [...known.value.values()].filter(({ id }) => choices.columns.includes(id))
    if (!choices.areDifferingShown) return chosen
    const differing = differingSettings(compared).map(settingColumn)
    return [...chosen, ...differing.filter(({ id }) => !choices.columns.includes(id))]
  })
  return { choosable, known, columns }
}

/** Those that are selected and still shown; what is filtered away is not acted upon unseen. */
function useSelection(shown: () => readonly Run[]) {
  const ids = ref<ReadonlySet<string>>(new Set())
  const selected = computed(() => shown().filter(({ id }) => ids.value.has(id)))
  function toggle(id: string): void {
    const now = new Set(ids.value)
    if (!now.delete(id)) now.add(id)
    ids.value = now
  }
  function select(all: readonly string[]): void {
    ids.value = new Set(all)
  }
  return { selectedIds: ids, selected, toggle, select }
}
