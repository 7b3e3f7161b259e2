/** Who won against whom in an arena, counted. A skip says nothing; both bad stands apart and is in no rating. */
import type { ContenderCount, PairCount } from '../../src-shared/records/arena'
import { shareWithInterval } from '../maths/interval'
import type { Verdict } from '../../src-shared/records/judgment'

/** One verdict, sides by the index of their contender. */
export interface JudgedMatch {
  readonly left: number
  readonly right: number
  readonly verdict: Exclude<Verdict, 'skip'>
}

type Counts = { -readonly [Key in Exclude<keyof ContenderCount, 'winShare'>]: number }
type Pair = { -readonly [Key in keyof PairCount]: number }

/** By contender, in order. */
export function contenderCounts(
  contenders: number,
  matches: readonly JudgedMatch[],
): readonly ContenderCount[] {
  const all = Array.from({ length: contenders }, (): Counts => ({
    judged: 0,
    won: 0,
    tied: 0,
    lost: 0,
    bothBad: 0,
  }))
  for (const { left, right, verdict } of matches) {
    for (const side of [left, right]) add(all[side]!, verdict, verdict === (side === left ? 'left' : 'right'))
  }
  return all.map((counts) => ({ ...counts, ...winShareOf(counts) }))
}

/**
 * Wilson's interval with ties as half wins. A tie varies less than a win and a loss do: it is rather too wide than too
 * narrow.
 */
function winShareOf({ won, tied, lost }: Counts): Pick<ContenderCount, 'winShare'> {
  const total = won + tied + lost
  if (total === 0) return {}
  const { share, interval } = shareWithInterval(won + tied / 2, total)
  return { winShare: { value: share, ...interval } }
}

function add(counts: Counts, verdict: JudgedMatch['verdict'], hasWon: boolean): void {
  counts.judged++
  if (verdict === 'tie') counts.tied++
  else if (verdict === 'both-bad') counts.bothBad++
  else if (hasWon) counts.won++
  else counts.lost++
}

/** Of every two that were judged, the lower index first. */
export function pairCounts(matches: readonly JudgedMatch[]): readonly PairCount[] {
  const pairs = new Map<string, Pair>()
  for (const { left, right, verdict } of matches) {
    const [one, other] = left < right ? [left, right] : [right, left]
    const pair = pairs.get(`${one} ${other}`) ?? { one, other, oneWon: 0, tied: 0, otherWon: 0, bothBad: 0 }
    pairs.set(`${one} ${other}`, pair)
    if (verdict === 'tie') pair.tied++
    else if (verdict === 'both-bad') pair.bothBad++
    else if ((verdict === 'left' ? left : right) === one) pair.oneWon++
    else pair.otherWon++
  }
  return [...pairs.values()]
}
