/** Texts that scroll in their own cards, scrolled together by key while none of them has the focus. */
import type { Ref } from 'vue'
import { useKeys } from './keys'

const linePx = 48
/** Of a card's height: the last line read is still there. */
const page = 0.8

const steps: Readonly<Record<string, (heightPx: number) => number>> = {
  ArrowDown: () => linePx,
  ArrowUp: () => -linePx,
  PageDown: (heightPx) => page * heightPx,
  PageUp: (heightPx) => -page * heightPx,
}

/** @param root what holds the texts, each marked `data-scrolls` */
export function useScrollKeys(root: Ref<HTMLElement | null>): void {
  const texts = (): readonly HTMLElement[] => [
    ...(root.value?.querySelectorAll<HTMLElement>('[data-scrolls]') ?? []),
  ]
  const scrolled = Object.entries(steps).map(([key, by]) => [
    key,
    () => {
      for (const text of texts()) text.scrollTop += by(text.clientHeight)
    },
  ])
  useKeys(Object.fromEntries(scrolled), () => texts().length > 0 && !hasOwnScroll(document.activeElement))
}

/** What scrolls by itself, or moves a choice, keeps its arrows. */
const hasOwnScroll = (focused: Element | null): boolean =>
  Boolean(focused?.closest('[tabindex="0"], [role="radio"], select, input, textarea, aside'))
