/** The size of an element as laid out, in CSS pixels. */
import { onScopeDispose, ref, watch, type Ref } from 'vue'

export function useElementSize(element: Ref<HTMLElement | null>): {
  readonly width: Ref<number>
  readonly height: Ref<number>
} {
  const width = ref(0)
  const height = ref(0)
  const observer = new ResizeObserver(([entry]) => {
    if (!entry) return
    width.value = entry.contentRect.width
    height.value = entry.contentRect.height
  })
  watch(
    element,
    (now, before) => {
      if (before) observer.unobserve(before)
      if (now) observer.observe(now)
    },
    { immediate: true },
  )
  onScopeDispose(() => observer.disconnect())
  return { width, height }
}
