/**
 * Keys inside, words outside: run 12 is "run-12". A word of another noun, or no such word, is simply not
 * found.
 */
import { StudioFailure, type StudioError } from '../../src-shared/result'

type Missing = Extract<StudioError, { kind: 'not-found' }>['what']
export type Noun = Missing | 'sample'

export const idOf = (noun: Noun, key: number): string => `${noun}-${key}`

/** @returns the key, or undefined when the id names no row of this noun */
export function keyIn(noun: Noun, id: string): number | undefined {
  const digits = id.startsWith(`${noun}-`) ? id.slice(noun.length + 1) : ''
  return /^[1-9]\d{0,14}$/.test(digits) ? Number(digits) : undefined
}

/** @throws StudioFailure not-found */
export function keyOf(noun: Missing, id: string): number {
  return keyIn(noun, id) ?? missing(noun, id)
}

/** @throws StudioFailure not-found */
export function missing(what: Missing, id: string): never {
  throw new StudioFailure({ kind: 'not-found', what, id })
}
