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

/** @param root what holds the texts, each marked `data-scrolls`; where `data-arrows` stands, arrows are its own */
export function useScrollKeys(root: Ref<HTMLElement | null>): void {
  const texts = (): readonly HTMLElement[] => [
    ...(root.value?.querySelectorAll<HTMLElement>('[data-scrolls]') ?? []),
  ]
  const isFree = (): boolean => texts().length > 0 && !hasOwnScroll(document.activeElement)
  const scrolled = (isArrow: boolean) =>
    Object.fromEntries(
      Object.entries(steps)
        .filter(([key]) => key.startsWith('Arrow') === isArrow)
        .map(([key, by]) => [
          key,
          () => {
            for (const text of texts()) text.scrollTop += by(text.clientHeight)
          },
        ]),
    )
  useKeys(scrolled(false), isFree)
  useKeys(scrolled(true), () => isFree() && !root.value?.querySelector('[data-arrows]'))
}

/** What scrolls by itself, or moves a choice, keeps its arrows. */
const hasOwnScroll = (focused: Element | null): boolean =>
  Boolean(focused?.closest('[tabindex="0"], [role="radio"], select, input, textarea, aside'))
