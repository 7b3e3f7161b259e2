/** An order that is being made by hand: groups from the best down, ties in one group, and those that are left out. */

export interface RankOrder {
  /** Candidates by index. */
  readonly groups: readonly (readonly number[])[]
  readonly rest: readonly number[]
}

/** At first nothing is ranked: what nobody has looked at says nothing. */
export const unranked = (candidates: number): RankOrder => ({
  groups: [],
  rest: Array.from({ length: candidates }, (_, index) => index),
})

/** As they stand on screen, from the top. */
export const fromTop = ({ groups, rest }: RankOrder): readonly number[] => [...groups.flat(), ...rest]

const placeOf = ({ groups }: RankOrder, one: number): number =>
  groups.findIndex((group) => group.includes(one))

const without = ({ groups, rest }: RankOrder, one: number): RankOrder => ({
  groups: groups.map((group) => group.filter((each) => each !== one)).filter(({ length }) => length > 0),
  rest: rest.filter((each) => each !== one),
})

/** Alone at this rank, counted from 1; the others make room. */
export function sendTo(order: RankOrder, one: number, rank: number): RankOrder {
  const { groups, rest } = without(order, one)
  const at = Math.min(rank - 1, groups.length)
  return { groups: [...groups.slice(0, at), [one], ...groups.slice(at)], rest }
}

/** Out of a tie first, then past the one above; from below the line to the last rank. */
export function moveUp(order: RankOrder, one: number): RankOrder {
  const place = placeOf(order, one)
  if (place === -1) return sendTo(order, one, order.groups.length + 1)
  return order.groups[place]!.length > 1
    ? sendTo(order, one, place + 1)
    : sendTo(order, one, Math.max(1, place))
}

/** Out of a tie first, then past the one below; from the last rank below the line. */
export function moveDown(order: RankOrder, one: number): RankOrder {
  const place = placeOf(order, one)
  if (place === -1) return order
  if (order.groups[place]!.length > 1 || place < order.groups.length - 1) return sendTo(order, one, place + 2)
  return leaveOut(order, one)
}

/** With the one above; who stands in a tie already leaves it downwards. */
export function tieWithAbove(order: RankOrder, one: number): RankOrder {
  const place = placeOf(order, one)
  if (place !== -1 && order.groups[place]!.length > 1) return sendTo(order, one, place + 2)
  const above = place === -1 ? order.groups.length - 1 : place - 1
  if (above < 0) return place === -1 ? sendTo(order, one, 1) : order
  const { groups, rest } = without(order, one)
  return { groups: groups.map((group, index) => (index === above ? [...group, one] : group)), rest }
}

export function leaveOut(order: RankOrder, one: number): RankOrder {
  const { groups, rest } = without(order, one)
  return { groups, rest: [one, ...rest] }
}

/** Before another: at its rank, or below the line where that one is. */
export function putBefore(order: RankOrder, one: number, other: number): RankOrder {
  if (one === other) return order
  const left = without(order, one)
  const place = placeOf(left, other)
  if (place !== -1) return sendTo(order, one, place + 1)
  const at = left.rest.indexOf(other)
  return { groups: left.groups, rest: [...left.rest.slice(0, at), one, ...left.rest.slice(at)] }
}
