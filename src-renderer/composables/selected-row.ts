/** The selected row of a long table, and the rows on screen: ↑ and ↓ go by one, the page keys by what fits. */
import { computed, ref } from 'vue'

/** @param total how many rows there are. Indices count from 0 */
export function useSelectedRow(total: () => number) {
  const selected = ref(0)
  const visible = ref<readonly [first: number, last: number]>([0, 0])
  const pageRows = computed(() => Math.max(1, visible.value[1] - visible.value[0] - 1))

  function move(by: number): void {
    selected.value = Math.max(0, Math.min(total() - 1, selected.value + by))
  }
  function see(first: number, last: number): void {
    visible.value = [first, last]
  }
  const moves = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    PageDown: () => move(pageRows.value),
    PageUp: () => move(-pageRows.value),
    Home: () => move(-Infinity),
    End: () => move(Number.MAX_SAFE_INTEGER),
  }
  return { selected, visible, see, moves }
}
