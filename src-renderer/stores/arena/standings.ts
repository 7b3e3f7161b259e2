/** Whom the open arena's contenders are held against, and of whom new pairs are drawn. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { errorText } from '../../../src-shared/result'
import { useApi } from '../../api'
import { useKept } from '../../composables/kept'
import { arenaRows } from '../../../src-shared/arena-rows'
import { useCheckpoints } from '../checkpoints'
import { useArena } from './arena'

export const useArenaStandings = defineStore('arena-standings', () => {
  const arena = useArena()
  /** By arena: the contender that is the baseline there. */
  const baselines = useKept<Readonly<Record<string, number>>>('arena-baselines', {}, numbersIn)

  const baseline = computed({
    get: () => {
      const kept = baselines.value[arena.arenaId ?? ''] ?? 0
      return kept < (arena.arena?.contenders.length ?? 0) ? kept : 0
    },
    set: (contender) => {
      if (arena.arenaId !== undefined) baselines.value = { ...baselines.value, [arena.arenaId]: contender }
    },
  })
  const contenders = computed(() => arena.arena?.contenders ?? [])
  const isSomeoneResting = computed(() => contenders.value.some(({ isDrawn }) => !isDrawn))
  /** The best of whom it is not known whether it is better than the baseline. */
  const undecided = computed(() =>
    arena.arena && arena.state
      ? arenaRows(arena.arena, arena.state, baseline.value).find(({ moreNeeded }) => moreNeeded !== undefined)
      : undefined,
  )
  const canDrawTwo = computed(
    () => contenders.value.length > 2 && !isSomeoneResting.value && undecided.value !== undefined,
  )

  function draw(drawn: readonly number[]): void {
    if (arena.arenaId !== undefined) void arena.drawOnly(arena.arenaId, drawn)
  }
  const drawAll = (): void => draw(contenders.value.map((_, index) => index))
  function drawTwo(): void {
    if (undecided.value) draw([baseline.value, undecided.value.index])
  }

  const judges = useJudges()
  return { ...judges, baseline, isSomeoneResting, canDrawTwo, draw, drawAll, drawTwo }
})

/** Reward sources that judge beside people. */
function useJudges() {
  const api = useApi()
  const arena = useArena()
  const checkpoints = useCheckpoints()
  const judgeProblem = ref<string>()
  const rewardModels = computed(() => checkpoints.all.filter(({ kind }) => kind === 'reward-model'))

  async function addJudge(rewards: string, checkpointId: string | undefined): Promise<void> {
    const { arenaId } = arena
    if (arenaId === undefined) return
    const input = { arenaId, rewards, ...(checkpointId !== undefined && { checkpointId }) }
    const answer = await api.call('arena.judge', input)
    judgeProblem.value = answer.ok ? undefined : errorText(answer.error)
  }
  async function removeJudge(judgeId: string): Promise<void> {
    const { arenaId } = arena
    if (arenaId === undefined) return
    const answer = await api.call('arena.unjudge', { arenaId, judgeId })
    judgeProblem.value = answer.ok ? undefined : errorText(answer.error)
  }

  return { judgeProblem, rewardModels, addJudge, removeJudge }
}

function numbersIn(kept: unknown): Readonly<Record<string, number>> | undefined {
  if (typeof kept !== 'object' || kept === null) return undefined
  return Object.fromEntries(
    Object.entries(kept).filter(
      (entry): entry is [string, number] => Number.isInteger(entry[1]) && entry[1] >= 0,
    ),
  )
}
