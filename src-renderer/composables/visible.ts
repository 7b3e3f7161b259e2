/** Whether an element is on screen or near it. */
import { onScopeDispose, ref, watch, type Ref } from 'vue'

export function useVisible(element: Ref<HTMLElement | null>): Ref<boolean> {
  const isVisible = ref(false)
  const observer = new IntersectionObserver(
    ([entry]) => {
      isVisible.value = entry?.isIntersecting ?? false
    },
    { rootMargin: '200px' },
  )
  watch(
    element,
    (now, before) => {
      if (before) observer.unobserve(before)
      if (now) observer.observe(now)
    },
    { immediate: true },
  )
  onScopeDispose(() => observer.disconnect())
  return isVisible
}
