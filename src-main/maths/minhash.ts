/**
 * Sets that are much alike, found without comparing each with each: signatures of least hashes, and bands of them.
 * The hashes are those of datasketch's scheme `affine32`.
 */
import { seeded } from './random'

/** One hash function a place: x → a · fmix(x) + b mod 2³², a odd, so that no two x share a value. */
export interface HashFamily {
  readonly a: Uint32Array
  readonly b: Uint32Array
}

export function hashFamily(count: number, ...seed: readonly (number | string)[]): HashFamily {
  const random = seeded('minhash', ...seed)
  const draw = (): number => Math.floor(random() * 2 ** 32)
  return {
    a: Uint32Array.from({ length: count }, () => draw() | 1),
    b: Uint32Array.from({ length: count }, draw),
  }
}

/**
 * The least value of each function over the set: two sets share a place with the probability of their resemblance.
 *
 *   Pr[min h(A) = min h(B)] = |A ∩ B| / |A ∪ B|     (Broder 1997, section 4)
 *
 * @param set  hashes of 32 bits
 */
export function signatureOf(set: Uint32Array, { a, b }: HashFamily): Uint32Array {
  const least = new Uint32Array(a.length).fill(0xffffffff)
  for (const value of set) {
    const mixed = fmix32(value)
    for (let i = 0; i < least.length; i++) {
      const hash = (Math.imul(mixed, a[i]!) + b[i]!) >>> 0
      if (hash < least[i]!) least[i] = hash
    }
  }
  return least
}

/** The last steps of MurmurHash3 (Appleby 2011). */
export function fmix32(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/**
 * Resemblance |A ∩ B| / |A ∪ B| (Broder 1997, section 2).
 * @param one, other  ascending, each value once
 * @returns 0 … 1; 0 when either is empty
 */
export function resemblance(one: Uint32Array, other: Uint32Array): number {
  let shared = 0
  let j = 0
  for (let i = 0; i < one.length && j < other.length; i++) {
    while (j < other.length && other[j]! < one[i]!) j++
    if (other[j] === one[i]) shared++
  }
  const all = one.length + other.length - shared
  return all === 0 ? 0 : shared / all
}

/** How a signature is cut: sets that share a whole band are looked at. */
export interface Bands {
  readonly bands: number
  readonly rows: number
}

/**
 * The cut with the least weighed error at a threshold, as datasketch chooses it:
 *
 *   w₊ ∫₀ᵗ p(s) ds + w₋ ∫ₜ¹ 1 − p(s) ds,   p(s) = 1 − (1 − sʳ)ᵇ
 *
 * Source: Leskovec, Rajaraman & Ullman 2014, "Mining of Massive Datasets", section 3.4.2, for p.
 *
 * @param missed  w₋, from 0 to 1; w₊ is the rest
 */
export function bandsFor(threshold: number, places: number, missed: number): Bands {
  let best = { bands: 1, rows: 1 }
  let least = Infinity
  for (let bands = 1; bands <= places; bands++)
    for (let rows = 1; rows <= Math.floor(places / bands); rows++) {
      const shares = (similarity: number): number => 1 - (1 - similarity ** rows) ** bands
      const error =
        (1 - missed) * integral(shares, 0, threshold) + missed * integral((s) => 1 - shares(s), threshold, 1)
      if (error < least) {
        least = error
        best = { bands, rows }
      }
    }
  return best
}

/** Simpson's rule. */
function integral(of: (at: number) => number, from: number, to: number): number {
  const steps = 128
  const width = (to - from) / steps
  let sum = of(from) + of(to)
  for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * of(from + i * width)
  return (sum * width) / 3
}
