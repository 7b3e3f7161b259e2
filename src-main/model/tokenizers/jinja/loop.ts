/** `loop`: where a `for` stands. */
import type { Frame } from './frame'
import { Attributes, Callable, fail, isEqual, Tuple, Undefined, type Value } from './values'

/** @param shared between the rounds of one loop: what `changed` saw last */
export function loopParts(
  items: readonly Value[],
  place: number,
  outer: Frame,
  shared: { seen?: Value },
): Attributes {
  const depth = depthOf(outer.value('loop'))
  const parts: Readonly<Record<string, () => Value>> = {
    index: () => place + 1,
    index0: () => place,
    revindex: () => items.length - place,
    revindex0: () => items.length - place - 1,
    first: () => place === 0,
    last: () => place === items.length - 1,
    length: () => items.length,
    depth: () => depth + 1,
    depth0: () => depth,
    previtem: () => items[place - 1] ?? new Undefined('there is no previous item'),
    nextitem: () => items[place + 1] ?? new Undefined('there is no next item'),
    cycle: () =>
      new Callable('cycle', ({ args }) =>
        args.length === 0 ? fail('no items for cycling given') : args[place % args.length]!,
      ),
    changed: () =>
      new Callable('changed', ({ args }) => {
        const now = new Tuple(args)
        const isNew = shared.seen === undefined || !isEqual(shared.seen, now)
        shared.seen = now
        return isNew
      }),
  }
  return new Attributes((name) => (Object.hasOwn(parts, name) ? parts[name]!() : undefined))
}

const depthOf = (loop: Value): number => {
  const depth = loop instanceof Attributes ? loop.of('depth') : 0
  return typeof depth === 'number' ? depth : 0
}
