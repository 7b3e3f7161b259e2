/** A choice that survives a reload: kept by this browser, or by the window of the desktop. */
import { ref, watch, type Ref } from 'vue'

/**
 * @param read what was kept, as it may be after years: undefined when it says nothing any more
 */
export function useKept<T>(key: string, initial: T, read: (kept: unknown) => T | undefined): Ref<T> {
  const value = ref(stored(key, read) ?? initial) as Ref<T>
  watch(value, (now) => localStorage.setItem(`studio-${key}`, JSON.stringify(now)), { deep: true })
  return value
}

function stored<T>(key: string, read: (kept: unknown) => T | undefined): T | undefined {
  try {
    return read(JSON.parse(localStorage.getItem(`studio-${key}`) ?? 'null') as unknown)
  } catch {
    return undefined
  }
}

/** For a choice that is yes or no. */
export const flagIn = (kept: unknown): boolean | undefined => (typeof kept === 'boolean' ? kept : undefined)

/** For a choice that is a text. */
export const textIn = (kept: unknown): string | undefined => (typeof kept === 'string' ? kept : undefined)
