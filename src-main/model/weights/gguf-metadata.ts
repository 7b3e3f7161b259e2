/** The metadata of a GGUF file by the types that are wanted of it. */
import type { GgufValue } from './gguf-cursor'
import { refuse } from './refusal'

export interface GgufMetadata {
  /** @throws WeightsError when it is missing or of another type, as the others */
  text(name: string): string
  optionalText(name: string): string | undefined
  number(name: string): number
  optionalNumber(name: string): number | undefined
  optionalFlag(name: string): boolean | undefined
  optionalTexts(name: string): readonly string[] | undefined
  optionalNumbers(name: string): readonly number[] | undefined
  /** A number, or a list of them. */
  eachNumber(name: string): readonly number[] | undefined
}

export function ggufMetadata(values: ReadonlyMap<string, GgufValue>): GgufMetadata {
  function optional<T extends GgufValue>(
    name: string,
    what: string,
    isProper: (value: GgufValue) => value is T,
  ): T | undefined {
    const value = values.get(name)
    if (value === undefined || isProper(value)) return value
    return refuse(`its metadata "${name}" is ${shortened(value)}, ${what}`)
  }
  const optionalText = (name: string) => optional(name, 'no text', isText)
  const optionalNumber = (name: string) => {
    const value = optional(name, 'no number', isNumber)
    return value === undefined ? undefined : asWritten(value)
  }
  return {
    text: (name) => optionalText(name) ?? missing(name),
    optionalText,
    number: (name) => optionalNumber(name) ?? missing(name),
    optionalNumber,
    optionalFlag: (name) => optional(name, 'neither true nor false', isFlag),
    optionalTexts: (name) => optional(name, 'no list of texts', isListOf(isText)),
    optionalNumbers: (name) => optional(name, 'no list of numbers', isListOf(isNumber)),
    eachNumber(name) {
      const value = optional(name, 'neither a number nor a list of them', isNumberOrList)
      return typeof value === 'number' ? [value] : value
    },
  }
}

/** A number of 32 bits as people wrote it: 1e-5, and not 9.999999747378752e-6. */
function asWritten(value: number): number {
  if (Number.isInteger(value) || Math.fround(value) !== value) return value
  for (let digits = 1; digits < 9; digits++) {
    const shorter = Number(value.toPrecision(digits))
    if (Math.fround(shorter) === value) return shorter
  }
  return value
}

const missing = (name: string): never => refuse(`its metadata "${name}" is missing`)

const isText = (value: GgufValue): value is string => typeof value === 'string'
const isNumber = (value: GgufValue): value is number => typeof value === 'number'
const isFlag = (value: GgufValue): value is boolean => typeof value === 'boolean'
const isListOf =
  <T extends GgufValue>(isProper: (value: GgufValue) => value is T) =>
  (value: GgufValue): value is readonly T[] & GgufValue =>
    Array.isArray(value) && value.every(isProper)

const isNumberOrList = (value: GgufValue): value is number | (readonly number[] & GgufValue) =>
  isNumber(value) || isListOf(isNumber)(value)

/** For people: no more than a few values of a long list. */
const shortened = (value: GgufValue): string => JSON.stringify(value).slice(0, 60)
