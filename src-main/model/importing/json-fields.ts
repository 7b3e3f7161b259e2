/** Fields of a file of settings, each read with a reason when it is not as wanted. */
import { shown, type JsonObject } from '../weights/json-file'
import { refuse } from '../weights/refusal'

/** Values that a field may have, or be left out, because nothing here has another way. */
export type Only = Readonly<Record<string, readonly unknown[]>>

/** @throws WeightsError naming the first field that has another value */
export function checkOnly(json: JsonObject, only: Only): void {
  for (const [name, values] of Object.entries(only)) {
    if (json[name] === undefined || values.includes(json[name])) continue
    const followed = values.map((value) => shown(value)).join(' or ')
    refuse(`its ${name} is ${shown(json[name])}; only ${followed} can be followed`)
  }
}

export const isGiven = (json: JsonObject, name: string): boolean =>
  json[name] !== undefined && json[name] !== null

/** @throws WeightsError when it is no whole number from 1 */
export function count(json: JsonObject, name: string): number {
  const value = json[name]
  return Number.isSafeInteger(value) && (value as number) > 0
    ? (value as number)
    : refuse(`its ${name} is ${shown(value)}, no whole number from 1`)
}

/** @throws WeightsError when it is no number above 0 */
export function positive(json: JsonObject, name: string): number {
  const value = json[name]
  return typeof value === 'number' && Number.isFinite(value) && value > 0
    ? value
    : refuse(`its ${name} is ${shown(value)}, no number above 0`)
}

/** @throws WeightsError when it is neither true nor false */
export function flag(json: JsonObject, name: string, otherwise: boolean): boolean {
  const value = json[name] ?? otherwise
  return typeof value === 'boolean' ? value : refuse(`its ${name} is ${shown(value)}, neither true nor false`)
}
