/** What a verdict is called, and the key that says it. */
import type { Margin, Verdict } from '../../src-shared/records/judgment'

export interface Choice {
  readonly verdict: Verdict
  readonly margin?: Margin
  readonly key: string
  readonly title: string
}

/** The scale from left to right. */
export const scale: readonly Choice[] = [
  { verdict: 'left', margin: 'better', key: '1', title: 'Left better' },
  { verdict: 'left', margin: 'slightly', key: 'Shift 1', title: 'Slightly left' },
  { verdict: 'tie', key: 'T', title: 'Tie' },
  { verdict: 'right', margin: 'slightly', key: 'Shift 2', title: 'Slightly right' },
  { verdict: 'right', margin: 'better', key: '2', title: 'Right better' },
]
/** Beside the scale. */
export const asides: readonly Choice[] = [
  { verdict: 'both-bad', key: 'B', title: 'Both bad' },
  { verdict: 'skip', key: 'S', title: 'Skip' },
]

/** "slightly right", "both bad" */
export const verdictText = ({
  verdict,
  margin,
}: {
  readonly verdict: Verdict | 'answer'
  readonly margin?: Margin | undefined
}): string => `${margin === 'slightly' ? 'slightly ' : ''}${verdict.replace('-', ' ')}`

/** What was said of an item, whatever its queue's mode. */
export const saidText = ({ verdict, margin, said }: SaidOf): string =>
  said ?? verdictText({ verdict, margin })

/** "346, left" */
export const lastText = (last: SaidOf & { readonly place: number }): string =>
  `${last.place}, ${saidText(last)}`

interface SaidOf {
  readonly verdict: Verdict | 'answer'
  readonly margin?: Margin
  readonly said?: string
}
