/** Arenas: the ones there are, and the open one with its comparisons and its standings. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, type Ref } from 'vue'
import type { CallInput } from '../../../src-shared/contract'
import type { Arena, ArenaState } from '../../../src-shared/records/arena'
import { errorText, type StudioError } from '../../../src-shared/result'
import type { Api } from '../../../src-shared/wire'
import { useApi } from '../../api'
import { follow } from '../following'
import { useOpenQueue } from '../open-queue'

export const useArena = defineStore('arena', () => {
  const api = useApi()
  const { queueId: arenaId, ...queue } = useOpenQueue(api)
  const list = useArenaList(api, queue.problem)
  const state = shallowRef<ArenaState>()
  const arena = computed(() => list.arenas.value.find(({ id }) => id === arenaId.value))
  let unfollow = (): void => {}

  function open(id: string | undefined): void {
    if (id === arenaId.value) return
    unfollow()
    unfollow = (): void => {}
    state.value = undefined
    queue.open(id)
    if (id !== undefined) unfollow = follow(api, 'arena.watch', { input: () => ({ arenaId: id }), onItem })
  }
  function onItem(item: ArenaState): void {
    state.value = item
  }

  /** @returns what main refused */
  async function create(input: CallInput<'arena.create'>): Promise<StudioError | undefined> {
    const answer = await api.call('arena.create', input)
    if (!answer.ok) return answer.error
    list.put(answer.value)
    open(answer.value.id)
    return undefined
  }

  const { arenas, isLoaded, load, drawOnly } = list
  const leave = (): void => open(undefined)
  return { ...queue, arenaId, arenas, isLoaded, arena, state, load, open, leave, create, drawOnly }
})

function useArenaList(api: Api, problem: Ref<string | undefined>) {
  const arenas = ref<readonly Arena[]>([])
  const isLoaded = ref(false)

  async function load(): Promise<void> {
    const answer = await api.call('arena.list', {})
    if (answer.ok) arenas.value = answer.value
    else problem.value = errorText(answer.error)
    isLoaded.value = answer.ok
  }

  /** A new one comes first, a known one stays where it is. */
  function put(arena: Arena): void {
    const isKnown = arenas.value.some(({ id }) => id === arena.id)
    arenas.value = isKnown
      ? arenas.value.map((one) => (one.id === arena.id ? arena : one))
      : [arena, ...arenas.value]
  }

  /** New pairs are drawn of these contenders only. */
  async function drawOnly(arenaId: string, drawn: readonly number[]): Promise<void> {
    const answer = await api.call('arena.draw', { arenaId, drawn })
    if (answer.ok) put(answer.value)
    else problem.value = errorText(answer.error)
  }

  return { arenas, isLoaded, load, put, drawOnly }
}
