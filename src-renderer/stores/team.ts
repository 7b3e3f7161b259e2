/** Who this page speaks for at a team's server: asked for again with each line, as it may have changed meanwhile. */
import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import type { TeamSelf } from '../../src-shared/records/team'
import { useApi } from '../api'
import { useAnnotator } from '../composables/annotator'
import { useLabels } from './labels'

export const useTeam = defineStore('team', () => {
  const { call, isConnected, isRefused } = useApi()
  const labels = useLabels()
  const annotator = useAnnotator()
  const self = ref<TeamSelf>()

  async function ask(): Promise<void> {
    const answer = await call('team.self', {})
    if (!answer.ok) return
    self.value = answer.value
    annotator.value = answer.value.name
    await labels.load()
  }
  watch(
    isConnected,
    (isThere) => {
      if (isThere) void ask()
    },
    { immediate: true },
  )
  return { self, isConnected, isRefused, refresh: ask }
})
