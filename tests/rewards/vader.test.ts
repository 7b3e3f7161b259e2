import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { vaderCompound, vaderLexicon } from '../../src-main/rewards/vader'

const lexicon = vaderLexicon()
const score = (text: string): number => vaderCompound(text, lexicon)
const recorded = (name: string) =>
  JSON.parse(readFileSync(`tests/fixtures/rewards/${name}.json`, 'utf8')) as unknown
const wrong = (rows: readonly (readonly [string, number])[]) =>
  rows.flatMap(([text, wanted]) => (score(text) === wanted ? [] : [{ text, wanted, found: score(text) }]))

describe('VADER', () => {
  it('scores every bundled sentence as vaderSentiment 3.3.2 does', () => {
    const wanted = recorded('vader-3.3.2-compound') as readonly number[]
    const sentences = readFileSync('resources/datasets/sentiment-sentences.jsonl', 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { readonly text: string }).text)
    expect(sentences).toHaveLength(wanted.length)
    expect(wrong(sentences.map((text, index) => [text, wanted[index] as number]))).toEqual([])
  })

  it('scores 2,000 odd sentences as vaderSentiment 3.3.2 does', () => {
    const rows = recorded('vader-odd') as readonly (readonly [string, number])[]
    expect(rows).toHaveLength(2000)
    expect(wrong(rows)).toEqual([])
  })

  it.each([
    // (1.9 of "great" + 4 · 0.292) / √(… + 15): exclamation marks count up to four
    ['great!!!!!!!!!!!!!!', 0.7405],
    // "impressed" is 2.1, negated −0.74 · 2.1 = −1.554: −1.554 / √(1.554² + 15)
    ['Not impressed.', -0.3724],
    ['no good', -0.3412],
    ['', 0],
    // at the end of a text "badass" is its 1.4 of the list and the 0.293 of "total", no idiom: 1.693 / √(1.693² + 15)
    ['you are a total badass', 0.4005],
  ])('%j is %d', (text, wanted) => {
    expect(score(text)).toBe(wanted)
  })
})
