/** The clock, for ages on screen. */
import { onScopeDispose, ref, type Ref } from 'vue'

/** Milliseconds since 1970, every `everyMs`. */
export function useNow(everyMs: number): Ref<number> {
  const now = ref(Date.now())
  const timer = setInterval(() => {
    now.value = Date.now()
  }, everyMs)
  onScopeDispose(() => clearInterval(timer))
  return now
}
