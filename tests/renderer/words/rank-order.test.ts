import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  fromTop,
  leaveOut,
  moveDown,
  moveUp,
  putBefore,
  sendTo,
  tieWithAbove,
  unranked,
  type RankOrder,
} from '../../../src-renderer/words/rank-order'

const order = (groups: readonly (readonly number[])[], rest: readonly number[] = []): RankOrder => ({
  groups,
  rest,
})

describe('an order made by hand', () => {
  it('begins with nothing ranked', () => expect(unranked(3)).toEqual(order([], [0, 1, 2])))
  it('sends one to a rank, and the others make room', () => {
    expect(sendTo(order([[0], [1]], [2]), 2, 1)).toEqual(order([[2], [0], [1]]))
    expect(sendTo(order([], [0, 1]), 1, 9)).toEqual(order([[1]], [0]))
  })
  it('moves up past the one above, out of a tie first, and over the line', () => {
    expect(moveUp(order([[0], [1]]), 1)).toEqual(order([[1], [0]]))
    expect(moveUp(order([[0, 1]]), 1)).toEqual(order([[1], [0]]))
    expect(moveUp(order([[0]], [1]), 1)).toEqual(order([[0], [1]]))
    expect(moveUp(order([[0], [1]]), 0)).toEqual(order([[0], [1]]))
  })
  it('moves down past the one below, and from the last rank below the line', () => {
    expect(moveDown(order([[0], [1]]), 0)).toEqual(order([[1], [0]]))
    expect(moveDown(order([[0, 1]]), 0)).toEqual(order([[1], [0]]))
    expect(moveDown(order([[0], [1]]), 1)).toEqual(order([[0]], [1]))
  })
  it('ties with the one above, and unties', () => {
    expect(tieWithAbove(order([[0], [1]]), 1)).toEqual(order([[0, 1]]))
    expect(tieWithAbove(order([[0, 1]]), 1)).toEqual(order([[0], [1]]))
    expect(tieWithAbove(order([[0]], [1]), 1)).toEqual(order([[0, 1]]))
  })
  it('drops one before another, above the line or below', () => {
    expect(putBefore(order([[0], [1]], [2]), 2, 1)).toEqual(order([[0], [2], [1]]))
    expect(putBefore(order([[0], [1]], [2]), 0, 2)).toEqual(order([[1]], [0, 2]))
    expect(putBefore(order([[0]]), 0, 0)).toEqual(order([[0]]))
  })
  it('never loses one and never has one twice, whatever is done', () => {
    const acts = [moveUp, moveDown, tieWithAbove, leaveOut] as const
    const step = fc.record({ act: fc.nat(5), one: fc.nat(4), to: fc.nat(4) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let now = unranked(5)
        for (const { act, one, to } of steps)
          now =
            act === 4
              ? sendTo(now, one, to + 1)
              : act === 5
                ? putBefore(now, one, to)
                : acts[act as 0 | 1 | 2 | 3](now, one)
        expect([...fromTop(now)].toSorted()).toEqual([0, 1, 2, 3, 4])
        expect(now.groups.every((group) => group.length > 0)).toBe(true)
      }),
    )
  })
})
