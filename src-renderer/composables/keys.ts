/** Keys: single letters work while no text field has the focus; chords always. */
import { onScopeDispose } from 'vue'

/** `Ctrl` in a chord is also ⌘. Written as `Ctrl k`, `Shift 1`, `Alt ArrowUp`, `Escape`, `b`, `?`. */
export type Keys = Readonly<Record<string, (event: KeyboardEvent) => void>>

/** Listens while the component lives. A handled key goes no further. */
export function useKeys(keys: Keys, isOn: () => boolean = () => true): void {
  const listen = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing || !isOn()) return
    if (isTyping(event.target) && !event.ctrlKey && !event.metaKey && event.key !== 'Escape') return
    const act = keys[chordOf(event)]
    if (!act) return
    event.preventDefault()
    act(event)
  }
  window.addEventListener('keydown', listen)
  onScopeDispose(() => window.removeEventListener('keydown', listen))
}

/** Digits go by their place, so that `Shift 1` is the same key on every layout; letters by what they write. */
export function chordOf(event: KeyboardEvent): string {
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1]
  const key = digit ?? (event.key.length === 1 ? event.key.toLowerCase() : event.key)
  const isPlainSign = !digit && event.key.length === 1 && !/[a-z]/.test(key)
  return [event.ctrlKey || event.metaKey ? 'Ctrl ' : '', event.altKey ? 'Alt ' : '', event.shiftKey && !isPlainSign ? 'Shift ' : '', key].join('')
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true
  return target instanceof HTMLInputElement && !['button', 'checkbox', 'radio', 'range', 'file'].includes(target.type)
}

/** How a key is printed on what it does. */
export const ctrlName: string = typeof navigator !== 'undefined' && /Mac/.test(navigator.platform) ? '⌘' : 'Ctrl'
