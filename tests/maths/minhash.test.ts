/** Shingles, signatures and bands, held against datasketch 2 (fixtures/near-duplicates). */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { nearIndex } from '../../src-main/datasets/near-index'
import { bandsFor, hashFamily, resemblance, signatureOf } from '../../src-main/maths/minhash'
import { shinglesOf } from '../../src-main/maths/texts/shingles'

interface Recorded {
  readonly permutations: readonly [readonly number[], readonly number[]]
  readonly signatures: readonly {
    readonly hashes: readonly number[]
    readonly signature: readonly number[]
  }[]
  readonly cuts: readonly Readonly<Record<'threshold' | 'places' | 'missed' | 'bands' | 'rows', number>>[]
  readonly texts: readonly string[]
  readonly pairs: readonly (readonly [one: number, other: number, share: number])[]
  readonly threshold: number
  readonly bands: number
  readonly rows: number
  readonly candidates: readonly (readonly [number, number])[]
}
const recorded = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../fixtures/near-duplicates/near-duplicates.json'), 'utf8'),
) as Recorded
const family = {
  a: Uint32Array.from(recorded.permutations[0]),
  b: Uint32Array.from(recorded.permutations[1]),
}

describe('a signature', () => {
  it.each(recorded.signatures.map((each, number) => [number, each] as const))(
    'of set %i is that of datasketch',
    (_, { hashes, signature }) => {
      expect(Array.from(signatureOf(Uint32Array.from(hashes), family))).toEqual(signature)
    },
  )

  it('shares as many places as the sets resemble each other, within what 512 places can say', () => {
    const wide = hashFamily(512, 'test')
    const [one, other] = [0, 50].map((start) => Uint32Array.from({ length: 150 }, (_, i) => start + i))
    const places = signatureOf(one!, wide)
    const others = signatureOf(other!, wide)
    const shared = places.filter((value, place) => value === others[place]).length / 512
    expect(resemblance(one!, other!)).toBe(0.5)
    expect(Math.abs(shared - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / 512))
  })
})

describe('the cut into bands', () => {
  it.each(recorded.cuts)('at $threshold of $places places, missed $missed, is that of datasketch', (cut) => {
    expect(bandsFor(cut.threshold, cut.places, cut.missed)).toEqual({ bands: cut.bands, rows: cut.rows })
  })
})

describe('shingles', () => {
  const sets = recorded.texts.map((text) => shinglesOf([text]))
  it('resemble each other as sets in Python do', () => {
    for (const [one, other, share] of recorded.pairs)
      expect(resemblance(sets[one]!, sets[other]!)).toBeCloseTo(share, 12)
  })

  it('of texts that share none are not alike', () => {
    const paired = new Set(recorded.pairs.map(([one, other]) => `${one} ${other}`))
    for (let other = 0; other < 30; other++)
      for (let one = 0; one < other; one++)
        if (!paired.has(`${one} ${other}`)) expect(resemblance(sets[one]!, sets[other]!)).toBe(0)
  })

  it.each([
    [['Good, GOOD!'], ['good good'], 1],
    [['one two three'], ['one two'], 0],
    [['今天天气很好'], ['今天天气很好。'], 1],
    [[''], [''], 0],
    [['…!'], ['…!'], 0],
    [['a b c', 'd e f'], ['a b c d e f'], 0.5],
  ])('%j and %j resemble each other by %d', (one, other, share) => {
    expect(resemblance(shinglesOf(one), shinglesOf(other))).toBe(share)
  })
})

describe('candidates', () => {
  it('are those of datasketch: they share a whole band', () => {
    const { bands, rows, texts, candidates } = recorded
    const cut = texts.map((text) => {
      const signature = signatureOf(shinglesOf([text]), family)
      return Array.from({ length: bands }, (_, band) =>
        signature.slice(band * rows, (band + 1) * rows).join(),
      )
    })
    const found = cut.flatMap((own, other) =>
      cut
        .slice(0, other)
        .flatMap((before, one) => (before.some((band, i) => band === own[i]) ? [[one, other]] : [])),
    )
    expect(found.sort(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d)).toEqual(candidates)
  })
})

describe('the index', () => {
  it('finds the pairs over the threshold, one in twenty of those just over it missed at most, none under', async () => {
    const { threshold, texts, pairs } = recorded
    const index = nearIndex(threshold)
    for (const text of texts) index.add(shinglesOf([text]))
    const found = new Map<string, number>()
    for await (const { one, other, similarity } of index.pairs(() => true))
      found.set(`${one} ${other}`, similarity)
    const alike = new Map(pairs.map(([one, other, share]) => [`${one} ${other}`, share]))
    for (const [pair, similarity] of found) expect(similarity).toBeCloseTo(alike.get(pair)!, 12)
    const over = pairs.filter(([, , share]) => share >= threshold)
    expect(found.size).toBeLessThanOrEqual(over.length)
    expect(found.size).toBeGreaterThanOrEqual(0.95 * over.length)
  })
})
