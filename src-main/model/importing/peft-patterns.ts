/** Ranks and alphas of their own for some projections, as PEFT's configuration lists them. */
import { isObject, shown, type JsonObject } from '../weights/json-file'
import { refuse } from '../weights/refusal'

/**
 * A number by projection: the first name of the list that a projection ends with decides; with ^ before it, the
 * name must be the whole. Source: peft, src/peft/utils/other.py, `get_pattern_key`.
 * @throws WeightsError when a name is a pattern of Python's, or a number is none that `isProper` takes
 */
export function numberByPattern(
  json: JsonObject,
  field: string,
  otherwise: number,
  isProper: (value: number) => boolean,
): (projection: string) => number {
  const listed = json[field] ?? {}
  if (!isObject(listed)) return refuse(`its ${field} is ${shown(listed)}, no list of numbers by name`)
  const rules = Object.entries(listed).map(([name, value]) => {
    if (!/^\^?[\w.-]+$/.test(name))
      refuse(`its ${field} names ${shown(name)}, a pattern of Python’s, which is not run here`)
    if (typeof value !== 'number' || !isProper(value)) refuse(`its ${field} gives “${name}” ${shown(value)}`)
    return { name, value: value as number }
  })
  return (projection) => rules.find(({ name }) => isMeant(projection, name))?.value ?? otherwise
}

const isMeant = (projection: string, name: string): boolean =>
  name.startsWith('^') ? projection === name.slice(1) : projection === name || projection.endsWith(`.${name}`)
