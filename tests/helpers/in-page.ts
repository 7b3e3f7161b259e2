/** Runs a store as the page does: inside an app that has a line to main. */
import { createPinia, disposePinia } from 'pinia'
import { createApp } from 'vue'
import { apiKey, type StudioApi } from '../../src-renderer/api'

/** @returns the store, and what ends the page: every stream that the store opened is closed */
export function inPage<Store>(
  api: StudioApi,
  useStore: () => Store,
): { readonly store: Store; readonly leave: () => void } {
  const pinia = createPinia()
  const app = createApp({ render: () => null })
    .provide(apiKey, api)
    .use(pinia)
  return { store: app.runWithContext(useStore), leave: () => disposePinia(pinia) }
}
