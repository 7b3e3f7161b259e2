/** The contender that the verdicts so far put first, however unsure: its completions are worth labelling next. */
import type { Arena, ArenaState } from '../../src-shared/records/arena'

/** Undefined before the first rating. */
export function leaderOf(
  { contenders }: Pick<Arena, 'contenders'>,
  state: Pick<ArenaState, 'ratings'> | undefined,
): { readonly name: string; readonly index: number } | undefined {
  const pairs = state?.ratings?.pairs ?? []
  if (pairs.length === 0) return undefined
  const lead = (contender: number): number =>
    pairs.reduce((sum, { one, other, points }) => {
      if (one === contender) return sum + points.value
      return other === contender ? sum - points.value : sum
    }, 0)
  const [best] = contenders
    .map(({ name }, index) => ({ name, index }))
    .toSorted((a, b) => lead(b.index) - lead(a.index))
  return best
}
