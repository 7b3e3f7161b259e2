/** A room of the page on its own: its view, its stores, an address, and a line to main. */
import { mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, disposePinia } from 'pinia'
import type { Component } from 'vue'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import { apiKey, type StudioApi } from '../../src-renderer/api'
import { useRoomActions } from '../../src-renderer/composables/actions'
import { settled } from './fake-api'

const names = [
  'datasets',
  'label',
  'launch',
  'runs',
  'compare',
  'models',
  'settings',
  'help',
  'first-steps',
] as const
/**
 * Lists of happy-dom have no height: so many pixels are given to each element, for those that show only what
 * fits.
 */
const heightPx = 560

export interface Room {
  readonly view: VueWrapper
  readonly router: Router
  /** Presses a key where the focus is, and lets what follows arrive. */
  readonly press: (key: string, more?: KeyboardEventInit) => Promise<KeyboardEvent>
  readonly leave: () => void
}

/** Of two actions on one key only one is ever heard. */
function refuseSharedKeys(): void {
  const titles = new Map<string, string>()
  for (const { key, title } of useRoomActions().value) {
    if (key === undefined) continue
    const other = titles.get(key)
    if (other !== undefined && other !== title)
      throw new Error(`“${other}” and “${title}” are both on ${key}`)
    titles.set(key, title)
  }
}

export async function aRoom(component: Component, api: StudioApi, address: string): Promise<Room> {
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', { configurable: true, value: heightPx })
  Object.defineProperty(HTMLElement.prototype, 'clientWidth', { configurable: true, value: 1000 })
  HTMLElement.prototype.scrollTo = function scrollTo() {}
  window.innerWidth = 1280
  const router = createRouter({
    history: createMemoryHistory(),
    routes: names.map((name) => ({ path: `/${name}`, name, component: { render: () => null } })),
  })
  await router.push(address)
  const pinia = createPinia()
  const view = mount(component, {
    attachTo: document.body,
    global: { plugins: [pinia, router], provide: { [apiKey as symbol]: api } },
  })
  await settled(20)
  refuseSharedKeys()
  return {
    view,
    router,
    press: async (key, more = {}) => {
      refuseSharedKeys()
      const event = new KeyboardEvent('keydown', {
        key,
        code: /^\d$/.test(key) ? `Digit${key}` : '',
        bubbles: true,
        cancelable: true,
        ...more,
      })
      ;(document.activeElement ?? document.body).dispatchEvent(event)
      await settled(20)
      return event
    },
    leave: () => {
      view.unmount()
      disposePinia(pinia)
      document.body.innerHTML = ''
    },
  }
}
