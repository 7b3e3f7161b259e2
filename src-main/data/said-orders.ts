/**
 * What an annotation program says of an order of answers, as lists of them and of their ranks: Argilla's places of
 * fields and Label Studio's lists of items.
 */
import { isObject, type Fields } from './shapes/json-value'

/** Of fields and what was said: where that orders them, they stand in `responses`, with `ranks` beside. */
export function withOrder(values: Fields, said: string): Fields {
  const places = placesIn(values[said])
  const found = places && (fieldsNamed(values, places) ?? itemsNamed(values, places))
  if (!places || !found) return values
  const { texts, names } = found
  const others = Object.entries(values).filter(([name]) => name !== said && !names.includes(name))
  return { ...Object.fromEntries(others), responses: texts, ranks: places.map(({ rank }) => rank) }
}

interface Place {
  readonly name: string
  /** The lower the better. */
  readonly rank: number
}

/** `[{ value, rank }]` or names in order (Argilla), `{ rank: [ids] }` (Label Studio); undefined for what is none. */
function placesIn(value: unknown): readonly Place[] | undefined {
  const lists = isObject(value) ? Object.values(value).filter((each) => Array.isArray(each)) : [value]
  const [list] = lists
  if (lists.length !== 1 || !Array.isArray(list) || list.length < 2) return undefined
  const places = list.map((each: unknown, index): Place | undefined => {
    if (typeof each === 'string') return { name: each, rank: index + 1 }
    const { value: name, rank }: Fields = isObject(each) ? each : {}
    return typeof name === 'string' && typeof rank === 'number' ? { name, rank } : undefined
  })
  return places.every((each) => each !== undefined) ? places : undefined
}

interface Found {
  readonly texts: readonly string[]
  /** Of the columns they stood in. */
  readonly names: readonly string[]
}

const bare = (name: string): string => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')

/** A field each. */
function fieldsNamed(values: Fields, places: readonly Place[]): Found | undefined {
  const names = places.map((place) => Object.keys(values).find((name) => bare(name) === bare(place.name)))
  const texts = names.map((name) => values[name ?? ''])
  const areAll = texts.every((each) => typeof each === 'string')
  return areAll ? { texts, names: names.map((name) => name ?? '') } : undefined
}

const textNames = ['body', 'text', 'html', 'content', 'title']

/** A list of items in one field, each with its id. */
function itemsNamed(values: Fields, places: readonly Place[]): Found | undefined {
  for (const [name, list] of Object.entries(values)) {
    if (!Array.isArray(list) || !list.every(isObject)) continue
    const texts = places.map((place) => {
      const item = list.find((each) => String(each['id']) === place.name)
      return textNames.map((key) => item?.[key]).find((each) => typeof each === 'string')
    })
    if (texts.every((each) => typeof each === 'string')) return { texts, names: [name] }
  }
  return undefined
}
