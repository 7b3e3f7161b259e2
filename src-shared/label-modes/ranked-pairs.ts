/**
 * One order out of several people's: ranked pairs (Tideman 1987), as Open Assistant joins its rankings.
 *
 * For each two candidates the margin is how many more place one above the other than the reverse. Margins are locked in
 * from the largest to the smallest, each unless it would close a circle with those locked before; equal margins in the
 * order of the candidates. What stays without a path between is tied.
 */

/** Candidates by index in groups, the best first; who is not in it was not placed. */
export type Order = readonly (readonly number[])[]

/** @returns an order of all candidates that anybody has placed */
export function rankedPairs(candidates: number, orders: readonly Order[]): number[][] {
  const isAbove = lockedPairs(candidates, orders)
  const left = new Set(orders.flat(2))
  const groups: number[][] = []
  while (left.size > 0) {
    const free = [...left].filter((one) => ![...left].some((other) => isAbove(other, one)))
    groups.push(free.sort((a, b) => a - b))
    for (const each of free) left.delete(each)
  }
  return groups
}

interface Lead {
  readonly winner: number
  readonly loser: number
  readonly margin: number
}

/** Whether one stands above another by what is locked, through others or not. */
function lockedPairs(
  candidates: number,
  orders: readonly Order[],
): (winner: number, loser: number) => boolean {
  const below: readonly Set<number>[] = Array.from({ length: candidates }, () => new Set<number>())
  const reaches = (from: number, to: number): boolean =>
    below[from]!.has(to) || [...below[from]!].some((next) => reaches(next, to))
  for (const { winner, loser } of leadsOf(candidates, orders))
    if (!reaches(loser, winner)) below[winner]!.add(loser)
  return reaches
}

function leadsOf(candidates: number, orders: readonly Order[]): readonly Lead[] {
  const leads: Lead[] = []
  for (let one = 0; one < candidates; one++)
    for (let other = one + 1; other < candidates; other++) {
      const margin = orders.reduce((sum, order) => sum + saidOf(order, one, other), 0)
      if (margin > 0) leads.push({ winner: one, loser: other, margin })
      if (margin < 0) leads.push({ winner: other, loser: one, margin: -margin })
    }
  return leads.sort((a, b) => b.margin - a.margin)
}

/** 1 where the order has one above the other, −1 below, 0 tied or not placed. */
function saidOf(order: Order, one: number, other: number): number {
  const [ofOne, ofOther] = [one, other].map((index) => order.findIndex((group) => group.includes(index)))
  return ofOne === -1 || ofOther === -1 ? 0 : Math.sign(ofOther! - ofOne!)
}
