/** Light or dark: as the system says, unless the person chose. */
import { ref } from 'vue'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const key = 'studio-theme'
const stored = (): Theme => themes.find((theme) => theme === localStorage.getItem(key)) ?? 'system'

/** Puts the chosen theme on the page; without a choice the system's holds. */
export function applyTheme(theme: Theme = stored()): void {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
}

export function useTheme() {
  const theme = ref<Theme>(stored())
  function choose(wanted: Theme): void {
    theme.value = wanted
    localStorage.setItem(key, wanted)
    applyTheme(wanted)
  }
  return { theme, choose }
}
