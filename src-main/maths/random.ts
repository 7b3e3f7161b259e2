/**
 * Seeded randomness: every draw in this program comes from one of these streams.
 *
 * Generator: sfc32 of the PractRand suite (Doty-Humphrey 2010), 128 bits of state, period at least 2^32,
 * expected 2^127. Seeding: four differently seeded MurmurHash3 (x86, 32 bit; Appleby 2011) of the parts, so
 * that neighbouring seeds share nothing.
 */

/** A stream of uniform draws from [0, 1). Always passed in: nothing in this program calls Math.random. */
export type Random = () => number

/**
 * A stream decided by its parts alone: `seeded(424242, 'rollout', 17)`. Parts keep their types and borders:
 * (1, 23), (12, 3) and ('1', 23) are three different streams.
 */
export function seeded(...parts: readonly (number | string)[]): Random {
  const key = JSON.stringify(parts)
  let a = murmur3(key, 0x9e3779b9)
  let b = murmur3(key, 0x243f6a88)
  let c = murmur3(key, 0xb7e15162)
  let counter = murmur3(key, 0x6a09e667)
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 0x1_0000_0000
  }
  for (let warmUp = 0; warmUp < 12; warmUp++) next()
  return next
}

/** A seed made from parts: a whole number in 0 … 2³² − 1, for settings that carry a seed as a number. */
export const seedOf = (...parts: readonly (number | string)[]): number =>
  murmur3(JSON.stringify(parts), 0x85ebca6b) >>> 0

/** One draw from N(0, 1). Box & Muller 1958. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Fills with draws from N(0, deviation). */
export function fillNormal(values: Float32Array, deviation: number, random: Random): void {
  for (let i = 0; i < values.length; i++) values[i] = deviation * normal(random)
}

/** Fills with draws from −bound … bound. */
export function fillUniform(values: Float32Array, bound: number, random: Random): void {
  for (let i = 0; i < values.length; i++) values[i] = bound * (2 * random() - 1)
}

/** A uniform draw from 0 … n − 1. @throws RangeError when there is nothing to draw from */
export function randomIndex(n: number, random: Random): number {
  if (!(n >= 1)) throw new RangeError(`cannot draw one of ${n}`)
  return Math.floor(random() * n)
}

/** 0 … n − 1 in random order, each order equally likely. Fisher & Yates; Durstenfeld 1964. */
export function shuffled(n: number, random: Random): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = randomIndex(i + 1, random)
    const moved = order[i]!
    order[i] = order[j]!
    order[j] = moved
  }
  return order
}

/** MurmurHash3_x86_32 over UTF-16 code units, two a block; a signed whole number. */
export function murmur3(text: string, seed: number): number {
  let hash = seed | 0
  for (let i = 0; i < text.length; i += 2) {
    let block = text.charCodeAt(i) | (i + 1 < text.length ? text.charCodeAt(i + 1) << 16 : 0)
    block = Math.imul(block, 0xcc9e2d51)
    block = (block << 15) | (block >>> 17)
    hash ^= Math.imul(block, 0x1b873593)
    hash = (hash << 13) | (hash >>> 19)
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0
  }
  hash ^= text.length * 2
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
