import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { bleu } from '../../src-main/maths/texts/bleu'
import { chrf } from '../../src-main/maths/texts/chrf'
import { ciderOver } from '../../src-main/maths/texts/cider'
import { meteor } from '../../src-main/maths/texts/meteor'
import { stemOf } from '../../src-main/maths/texts/porter'
import { rouge } from '../../src-main/maths/texts/rouge'
import { ter } from '../../src-main/maths/texts/ter'

interface Case {
  readonly text: string
  readonly references: readonly string[]
  readonly rouge: Readonly<Record<'words' | 'pairs' | 'sequence', number>>
  readonly bleu: number
  readonly chrf: number
  readonly meteor: number
  readonly ter: number
  readonly cider: number
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

describe('METEOR', () => {
  it('is that of NLTK’s meteor_score on 160 texts', () => {
    const found = wrong(
      ({ text, references }) => meteor(text, references),
      (one) => one.meteor,
    )
    expect(found).toEqual([])
  })

  it('takes a word by its stem, and punishes pieces', () => {
    // all three found: P = R = 1; "cats" by its stem; "sat cats the" in three pieces of three: 1 − ½ · 1³
    expect(meteor('sat cats the', ['the cat sat'])).toBeCloseTo(0.5, 12)
    // in one piece of three: 1 − ½ · (1/3)³
    expect(meteor('the cats sat', ['the cat sat'])).toBeCloseTo(1 - 0.5 / 27, 12)
  })

  it('has NLTK’s stem for each of 1,638 words', () => {
    const stems = JSON.parse(readFileSync('tests/fixtures/rewards/porter-stems.json', 'utf8')) as Record<
      string,
      string
    >
    expect(Object.keys(stems)).toHaveLength(1638)
    expect(Object.fromEntries(Object.keys(stems).map((word) => [word, stemOf(word)]))).toEqual(stems)
  })
})

describe('TER', () => {
  it('is that of sacrebleu’s sentence_ter on 160 texts', () => {
    const found = wrong(
      ({ text, references }) => ter(text, references),
      (one) => one.ter,
    )
    expect(found).toEqual([])
  })

  it('counts a row of words that moves once', () => {
    // "on the mat" moved to the end: one edit for six words
    expect(ter('on the mat the cat sat', ['the cat sat on the mat'])).toBeCloseTo(1 / 6, 12)
    expect(ter('', ['so good'])).toBe(1)
    expect(ter('much too long a text', ['so'])).toBe(5)
  })

  it('ends soon with hundreds of words that are nearly all the same', () => {
    const words = Array.from({ length: 400 }, (_, n) => 'ab'[n % 2]).join(' ')
    expect(ter(words, [words.replaceAll('a b', 'b a')])).toBeGreaterThan(0)
  })
})

describe('CIDEr', () => {
  const cider = ciderOver(cases.map(({ references }) => references))
  it('is that of pycocoevalcap’s scorer on 160 texts', () => {
    const found = wrong(
      ({ text, references }) => cider(text, references),
      (one) => one.cider,
    )
    expect(found).toEqual([])
  })

  it('knows nothing of words that stand beside every prompt', () => {
    const own = ciderOver([['so good'], ['so bad']])
    // "so" has weight 0; "good" log 2 in both, and so has "so good": orders 1 and 2 are 1, 3 and 4 empty
    expect(own('so good', ['so good'])).toBeCloseTo(5, 12)
    expect(own('so', ['so good'])).toBe(0)
    expect(ciderOver([['so good']])('so good', ['so good'])).toBe(0)
  })
})
