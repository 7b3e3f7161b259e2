import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { bleu } from '../../src-main/maths/texts/bleu'
import { chrf } from '../../src-main/maths/texts/chrf'
import { rouge } from '../../src-main/maths/texts/rouge'

interface Case {
  readonly text: string
  readonly references: readonly string[]
  readonly rouge: Readonly<Record<'words' | 'pairs' | 'sequence', number>>
  readonly bleu: number
  readonly chrf: number
}
const cases = JSON.parse(readFileSync('tests/fixtures/rewards/text-metrics.json', 'utf8')) as readonly Case[]

/** Those whose score is not the recorded one. */
const wrong = (scoreOf: (one: Case) => number, wanted: (one: Case) => number) =>
  cases.flatMap((one) => {
    const found = scoreOf(one)
    return Math.abs(found - wanted(one)) < 1e-9
      ? []
      : [{ text: one.text, references: one.references, found, wanted: wanted(one) }]
  })

describe('ROUGE', () => {
  it.each(['words', 'pairs', 'sequence'] as const)('of %s is that of rouge_score on 160 texts', (kind) => {
    expect(
      wrong(
        ({ text, references }) => rouge(text, references, kind),
        (one) => one.rouge[kind],
      ),
    ).toEqual([])
  })

  it('is the harmonic mean of precision and recall', () => {
    // two of three words found, two of four wanted: 2 · 2/3 · 1/2 / (2/3 + 1/2) = 4/7
    expect(rouge('the cat ran', ['the cat sat down'], 'words')).toBeCloseTo(4 / 7, 12)
    // one pair of two, one of three: 2 · 1/2 · 1/3 / (1/2 + 1/3) = 2/5
    expect(rouge('the cat ran', ['the cat sat down'], 'pairs')).toBeCloseTo(2 / 5, 12)
  })
})

describe('BLEU', () => {
  it('is that of sacrebleu’s sentence_bleu on 160 texts', () => {
    expect(
      wrong(
        ({ text, references }) => bleu(text, references),
        (one) => one.bleu,
      ),
    ).toEqual([])
  })

  it('takes as many orders as the text has, and punishes brevity', () => {
    // both words match, one of one pair: precision 1; two words for four: e^(1 − 4/2)
    expect(bleu('the cat', ['the cat sat down'])).toBeCloseTo(Math.exp(-1), 12)
  })
})

describe('chrF', () => {
  it('is that of sacrebleu’s sentence_chrf on 160 texts', () => {
    expect(
      wrong(
        ({ text, references }) => chrf(text, references),
        (one) => one.chrf,
      ),
    ).toEqual([])
  })

  it('weighs recall four times as much as precision', () => {
    // "a" of "ab": order 1 alone is in both, P = 1, R = 1/2: 5 · 1 · 1/2 / (4 · 1 + 1/2) = 5/9
    expect(chrf('a', ['ab'])).toBeCloseTo(5 / 9, 12)
  })
})
