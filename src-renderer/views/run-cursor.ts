/** The ring in the run table: moved by keys, and what it selects on its way. */
import { computed, ref } from 'vue'
import { useRunTable } from '../stores/run-table'

const pageRows = 12
const steps = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: pageRows,
  PageUp: -pageRows,
  Home: -Infinity,
  End: Number.MAX_SAFE_INTEGER,
}

export function useRunCursor() {
  const table = useRunTable()
  const wanted = ref<string>()
  /** From where a selection is extended. */
  const anchor = ref<string>()

  const indexOf = (id: string | undefined): number => table.rows.findIndex((run) => run.id === id)
  /** A row that is gone leaves the ring to the first. */
  const run = computed(() => table.rows[Math.max(0, indexOf(wanted.value))])

  function go(id: string): void {
    wanted.value = id
    anchor.value = id
  }
  function at(by: number): string | undefined {
    const index = Math.max(0, Math.min(table.rows.length - 1, indexOf(run.value?.id) + by))
    return table.rows[index]?.id
  }
  function move(by: number): void {
    const id = at(by)
    if (id !== undefined) go(id)
  }
  /** All from the anchor to there. */
  function extendTo(id: string | undefined): void {
    if (id === undefined) return
    const ends = [indexOf(anchor.value ?? run.value?.id), indexOf(id)]
    anchor.value ??= run.value?.id
    wanted.value = id
    table.select(table.rows.slice(Math.max(0, Math.min(...ends)), Math.max(...ends) + 1).map((one) => one.id))
  }
  function toggleAt(id: string): void {
    go(id)
    table.toggle(id)
  }
  function toggle(): void {
    if (run.value) toggleAt(run.value.id)
  }

  const extending = { 'Shift ArrowDown': () => extendTo(at(1)), 'Shift ArrowUp': () => extendTo(at(-1)) }
  const moves = {
    ...Object.fromEntries(Object.entries(steps).map(([key, by]) => [key, () => move(by)])),
    ...extending,
  }
  return { run, go, toggle, toggleAt, extendTo, moves }
}
