/** `loop`: where a `for` stands. */
import type { Frame } from './frame'
import { Attributes, Callable, fail, isEqual, Tuple, Undefined, type Value } from './values'

/** One round of a loop. */
interface Round {
  readonly items: readonly Value[]
  readonly place: number
  readonly depth: number
  /** What `changed` saw last, in any round. */
  readonly shared: { seen?: Value }
}

export function loopParts(
  items: readonly Value[],
  place: number,
  outer: Frame,
  shared: { seen?: Value },
): Attributes {
  const round = { items, place, depth: depthOf(outer.value('loop')), shared }
  return new Attributes((name) => (Object.hasOwn(parts, name) ? parts[name]!(round) : undefined))
}

const depthOf = (loop: Value): number => {
  const depth = loop instanceof Attributes ? loop.of('depth') : 0
  return typeof depth === 'number' ? depth : 0
}

const parts: Readonly<Record<string, (round: Round) => Value>> = {
  index: ({ place }) => place + 1,
  index0: ({ place }) => place,
  revindex: ({ items, place }) => items.length - place,
  revindex0: ({ items, place }) => items.length - place - 1,
  first: ({ place }) => place === 0,
  last: ({ items, place }) => place === items.length - 1,
  length: ({ items }) => items.length,
  depth: ({ depth }) => depth + 1,
  depth0: ({ depth }) => depth,
  previtem: ({ items, place }) => items[place - 1] ?? new Undefined('there is no previous item'),
  nextitem: ({ items, place }) => items[place + 1] ?? new Undefined('there is no next item'),
  cycle: ({ place }) =>
    new Callable('cycle', ({ args }) =>
      args.length === 0 ? fail('no items for cycling given') : args[place % args.length]!,
    ),
  changed: ({ shared }) =>
    new Callable('changed', ({ args }) => {
      const now = new Tuple(args)
      const isNew = shared.seen === undefined || !isEqual(shared.seen, now)
      shared.seen = now
      return isNew
    }),
}
