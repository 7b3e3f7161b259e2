/** How much people agree, with one another and with themselves, of what each said of the same things. */
import type { Alpha, Repeated, TwoPeople } from '../../src-shared/records/agreement'
import type { Estimate } from '../../src-shared/records/arena'
import { shareWithInterval } from '../maths/interval'
import { cohensKappa } from '../maths/kappa'
import { krippendorffsAlpha } from '../maths/krippendorff'
import { randomIndex, seeded } from '../maths/random'

/** One person's value of one thing. */
export interface ValueOf {
  readonly annotator: string
  readonly thing: string
  readonly value: number
}

/** 97.5 % of a standard normal lies below. */
const z = 1.959963984540054

/** Every two people who judged the same, those with most in common first. */
export function betweenPeople(values: readonly ValueOf[]): readonly TwoPeople[] {
  const people = [...new Set(values.map(({ annotator }) => annotator))]
  const said = new Map(people.map((name) => [name, valuesOf(values, name)]))
  return people
    .flatMap((one, index) =>
      people.slice(index + 1).flatMap((other) => twoPeople(one, other, said.get(one)!, said.get(other)!)),
    )
    .sort((a, b) => b.both - a.both)
}

const valuesOf = (values: readonly ValueOf[], name: string): ReadonlyMap<string, number> =>
  new Map(values.filter(({ annotator }) => annotator === name).map(({ thing, value }) => [thing, value]))

type Values = ReadonlyMap<string, number>

function twoPeople(one: string, other: string, ofOne: Values, ofOther: Values): readonly TwoPeople[] {
  const both = [...ofOne].flatMap(([thing, value]): (readonly [number, number])[] => {
    const others = ofOther.get(thing)
    return others === undefined ? [] : [[value, others]]
  })
  if (both.length === 0) return []
  const { share, interval } = shareWithInterval(both.filter(([a, b]) => a === b).length, both.length)
  const kappa = kappaOf(both)
  return [{ one, other, both: both.length, same: { value: share, ...interval }, ...(kappa && { kappa }) }]
}

/** With its 95 % interval. */
function kappaOf(both: readonly (readonly [number, number])[]): Estimate | undefined {
  const values = [...new Set(both.flat())].sort((a, b) => a - b)
  const table = values.map((row) =>
    values.map((column) => both.filter(([a, b]) => a === row && b === column).length),
  )
  const found = cohensKappa(table)
  if (!found) return undefined
  const half = z * Math.sqrt(found.variance)
  return {
    value: found.value,
    low: Math.max(-1, found.value - half),
    high: Math.min(1, found.value + half),
  }
}

/** Drawn again so often for an interval. */
const draws = 400

/** Of all people together. The interval is the percentile bootstrap over things (Efron & Tibshirani 1993, 13.3). */
export function alphaOf(values: readonly ValueOf[], scale: Alpha['scale']): Alpha | undefined {
  const byThing = new Map<string, number[]>()
  for (const { thing, value } of values) byThing.set(thing, [...(byThing.get(thing) ?? []), value])
  const units = [...byThing.values()].filter(({ length }) => length > 1)
  const value = krippendorffsAlpha(units, scale)
  if (value === undefined) return undefined
  const random = seeded('alpha', units.length)
  const drawn = Array.from({ length: draws }, () =>
    krippendorffsAlpha(
      units.map(() => units[randomIndex(units.length, random)]!),
      scale,
    ),
  )
    .filter((each) => each !== undefined)
    .sort((a, b) => a - b)
  const at = (share: number): number => drawn[Math.round(share * (drawn.length - 1))] ?? value
  return { value, low: at(0.025), high: at(0.975), things: units.length, scale }
}

const mostShown = 30

/** @param asked of what was asked again, oldest first: by whom, and whether the same was said */
export function withOneself(
  asked: readonly { readonly annotator: string; readonly isSame: boolean }[],
): readonly Repeated[] {
  const people = [...new Set(asked.map(({ annotator }) => annotator))]
  return people.map((annotator) => {
    const own = asked.filter((each) => each.annotator === annotator)
    const { share, interval } = shareWithInterval(own.filter(({ isSame }) => isSame).length, own.length)
    return {
      annotator,
      asked: own.length,
      same: { value: share, ...interval },
      last: own
        .map(({ isSame }) => isSame)
        .reverse()
        .slice(0, mostShown),
    }
  })
}
