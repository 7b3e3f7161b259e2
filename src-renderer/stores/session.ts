/** The studio itself: version, devices, registry, and whether main answers. */
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import type { AppInfo } from '../../src-shared/records'
import { useApi } from '../api'

const refreshMs = 15_000

export const useSession = defineStore('session', () => {
  const api = useApi()
  const info = ref<AppInfo>()
  const device = computed(() => info.value?.devices.find((one) => one.isDefault))

  async function refresh(): Promise<void> {
    const answer = await api.call('app.info', {})
    if (answer.ok) info.value = answer.value
  }
  watch(api.isConnected, (isConnected) => { if (isConnected) void refresh() }, { immediate: true })
  // The registry's size is shown, and grows.
  setInterval(() => { if (api.isConnected.value && document.visibilityState === 'visible') void refresh() }, refreshMs)

  return { info, device, isConnected: api.isConnected, refresh }
})
