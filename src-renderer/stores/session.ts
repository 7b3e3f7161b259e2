/** The studio itself: version, devices, registry, and whether main answers. */
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import type { AppInfo } from '../../src-shared/records/device'
import { errorText } from '../../src-shared/result'
import { useApi } from '../api'
import { copyText } from '../composables/copy-text'
import { useCheckpoints } from './checkpoints'
import { useDatasets } from './datasets'
import { useToasts } from './toasts'

/** The registry's size is asked for again at most so often. */
const pauseMs = 2000

export const useSession = defineStore('session', () => {
  const api = useApi()
  const datasets = useDatasets()
  const checkpoints = useCheckpoints()
  const toasts = useToasts()
  const info = ref<AppInfo>()
  const device = computed(() => info.value?.devices.find((one) => one.isDefault))
  let due: ReturnType<typeof setTimeout> | undefined

  async function refresh(): Promise<void> {
    const answer = await api.call('app.info', {})
    if (answer.ok) info.value = answer.value
  }
  /** Puts what helps with a fault on the clipboard. */
  async function copyReport(): Promise<void> {
    const answer = await api.call('app.report', {})
    if (!answer.ok) toasts.show(errorText(answer.error), { isFailure: true })
    else if (await copyText(answer.value.text))
      toasts.show('Report copied: versions, devices, last failures.')
    else toasts.show('The clipboard is not to be had here: nothing was copied.', { isFailure: true })
  }
  watch(
    api.isConnected,
    (isConnected) => {
      if (isConnected) void refresh()
    },
    { immediate: true },
  )
  // The registry grows with what is imported, judged and trained.
  watch(
    () => [datasets.list, checkpoints.all],
    () => {
      due ??= setTimeout(() => {
        due = undefined
        if (api.isConnected.value) void refresh()
      }, pauseMs)
    },
  )

  return { info, device, isConnected: api.isConnected, isRefused: api.isRefused, refresh, copyReport }
})
