/**
 * Keys: single ones work while no text field has the focus and nothing lies over the room; chords also in a
 * field.
 */
import { onScopeDispose } from 'vue'

/** `Ctrl` in a chord is also ⌘. Written as `Ctrl k`, `Shift 1`, `Alt ArrowUp`, `Escape`, `b`, `?`. */
export type Keys = Readonly<Record<string, (event: KeyboardEvent) => void>>

/**
 * Listens while the component lives. A handled key goes no further; a Ctrl chord is heard before whatever has
 * the focus, so that Enter on a menu button cannot swallow it.
 */
export function useKeys(keys: Keys, isOn: () => boolean = () => true): void {
  const listen = (event: KeyboardEvent): void => {
    const isChord = event.ctrlKey || event.metaKey
    if (isChord !== (event.eventPhase === Event.CAPTURING_PHASE)) return
    if (event.defaultPrevented || event.isComposing || !isOn() || isTaken(event)) return
    const act = keys[chordOf(event)]
    if (!act) return
    event.preventDefault()
    if (isChord) event.stopPropagation()
    act(event)
  }
  for (const capture of [true, false]) {
    window.addEventListener('keydown', listen, { capture })
    onScopeDispose(() => window.removeEventListener('keydown', listen, { capture }))
  }
}

/**
 * Digits go by their place, so that `Shift 1` is the same key on every layout; letters by what they write,
 * where that is Latin.
 */
export function chordOf(event: KeyboardEvent): string {
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1]
  const key = digit ?? (event.key.length === 1 ? letterOf(event) : event.key)
  const isPlainSign = !digit && event.key.length === 1 && !/[a-z]/.test(key)
  return [
    event.ctrlKey || event.metaKey ? 'Ctrl ' : '',
    event.altKey ? 'Alt ' : '',
    event.shiftKey && !isPlainSign ? 'Shift ' : '',
    key,
  ].join('')
}

/** A Cyrillic or Greek layout writes no Latin letter: there the place counts. */
function letterOf({ key, code }: KeyboardEvent): string {
  const isForeign = /\p{L}/u.test(key) && !/\p{Script=Latin}/u.test(key)
  return ((isForeign ? /^Key([A-Z])$/.exec(code)?.[1] : undefined) ?? key).toLowerCase()
}

/** What has the focus uses this key itself. */
function isTaken({ key, target, ctrlKey, metaKey }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.closest('[role="dialog"], [role="menu"]')) return true
  if (isTyping(target))
    return ctrlKey || metaKey ? /^[acvxyz]$/i.test(key) : key !== 'Escape' && !/^F\d/.test(key)
  return (
    (key === 'Enter' || key === ' ') &&
    !ctrlKey &&
    !metaKey &&
    target.closest('button, a, input, summary, [role="option"]') !== null
  )
}

function isTyping(target: HTMLElement): boolean {
  if (
    target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  )
    return true
  return target instanceof HTMLInputElement && !['button', 'checkbox', 'file'].includes(target.type)
}

/** How a key is printed on what it does. */
export const ctrlName: string =
  typeof navigator !== 'undefined' && /Mac/.test(navigator.platform) ? '⌘' : 'Ctrl'
