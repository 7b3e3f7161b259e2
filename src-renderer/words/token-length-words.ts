/** What lengths in tokens say of a dataset and a model. */
import { countOf, countText } from '../../src-shared/sizes'
import type { TokenLengths } from '../../src-shared/records/token-lengths'

/** "12 of 800 rows (1.5 %) are longer than the 64 tokens that it reads." */
export function longerText({ longer, rows, contextTokens }: TokenLengths): string {
  const reads = `the ${countOf(contextTokens, 'token')} that it reads`
  if (rows === 0) return `No row could be measured against ${reads}.`
  if (longer === 0) return `No row of ${countText(rows)} is longer than ${reads}.`
  const are = longer === 1 ? 'is' : 'are'
  return `${countText(longer)} of ${countOf(rows, 'row')} (${shareText(longer / rows)}) ${are} longer than ${reads}.`
}

/** What it cannot read at all, with the first row's reason; empty: nothing. */
export const unreadText = ({ unread }: TokenLengths): string =>
  unread
    ? `${countOf(unread.rows, 'row')} cannot be read by it, the first is row ${unread.first}: ${unread.problem}`
    : ''

const shareText = (share: number): string =>
  share < 0.001 ? 'under 0.1 %' : `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`
