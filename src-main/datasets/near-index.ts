/**
 * Sets of shingles and which of them are alike: candidates share a band of their signatures, and each is then measured
 * by its resemblance itself.
 */
import { breathe } from '../changes/topic'
import { bandsFor, hashFamily, resemblance, signatureOf, type Bands } from '../maths/minhash'
import { murmur3 } from '../maths/random'

/** Places of a signature. */
const places = 128
/** A row that is missed weighs more than one that is measured in vain. */
const missed = 0.9
/** In a band that many share, each is measured against so many others at most. */
const mostMeasured = 6

export interface NearIndex {
  add(set: Uint32Array): void
  /** Places of two sets that are at least so much alike, the earlier first; a pair may come again. */
  pairs(allows: (one: number, other: number) => boolean): AsyncGenerator<NearPair>
  resemblance(one: number, other: number): number
}

export interface NearPair {
  readonly one: number
  readonly other: number
  readonly similarity: number
}

export function nearIndex(threshold: number): NearIndex {
  const family = hashFamily(places, 'near')
  const cut = bandsFor(threshold, places, missed)
  const sets: Uint32Array[] = []
  const bands: Uint32Array[] = []
  const between = (one: number, other: number): number => resemblance(sets[one]!, sets[other]!)
  return {
    add(set) {
      sets.push(set)
      bands.push(bandHashes(signatureOf(set, family), cut))
    },
    resemblance: between,
    async *pairs(allows) {
      for (let band = 0; band < cut.bands; band++) {
        await breathe()
        for (const bucket of bucketsOf(bands, band))
          for (const [one, other] of pairsIn(bucket, allows)) {
            const similarity = between(one, other)
            if (similarity >= threshold) yield { one, other, similarity }
          }
      }
    },
  }
}

/** One number a band. */
function bandHashes(signature: Uint32Array, { bands, rows }: Bands): Uint32Array {
  return Uint32Array.from({ length: bands }, (_, band) =>
    murmur3(
      String.fromCharCode(...new Uint16Array(signature.slice(band * rows, (band + 1) * rows).buffer)),
      band,
    ),
  )
}

/** Places of sets that share a band's number, in their order; of two and more. */
function* bucketsOf(bands: readonly Uint32Array[], band: number): Generator<readonly number[]> {
  const count = bands.length
  const placeBits = Math.max(1, Math.ceil(Math.log2(Math.max(2, count))))
  const hashBits = Math.min(32, 53 - placeBits)
  const keys = Float64Array.from(
    bands,
    (hashes, place) => (hashes[band]! >>> (32 - hashBits)) * 2 ** placeBits + place,
  ).sort()
  const hashOf = (key: number): number => Math.floor(key / 2 ** placeBits)
  for (let start = 0; start < count;) {
    let end = start + 1
    while (end < count && hashOf(keys[end]!) === hashOf(keys[start]!)) end++
    if (end - start > 1) yield Array.from(keys.subarray(start, end), (key) => key % 2 ** placeBits)
    start = end
  }
}

/** Each member with the first few that it may stand beside. */
function* pairsIn(
  bucket: readonly number[],
  allows: (one: number, other: number) => boolean,
): Generator<readonly [number, number]> {
  for (let i = 1; i < bucket.length; i++) {
    let measured = 0
    for (let j = 0; j < i && measured < mostMeasured; j++) {
      if (!allows(bucket[j]!, bucket[i]!)) continue
      measured++
      yield [bucket[j]!, bucket[i]!]
    }
  }
}
