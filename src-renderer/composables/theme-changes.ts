/** Calls back whenever the colours of the page change: the system's scheme, or the person's own choice. */
import { onScopeDispose } from 'vue'

export function onThemeChange(callback: () => void): void {
  const system = matchMedia('(prefers-color-scheme: dark)')
  const choice = new MutationObserver(callback)
  system.addEventListener('change', callback)
  choice.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  onScopeDispose(() => {
    system.removeEventListener('change', callback)
    choice.disconnect()
  })
}
