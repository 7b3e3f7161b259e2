/** The evaluation suites against the libraries whose names their measures have. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import { logProbsOf } from '../../src-main/evaluation/log-probs-of'
import type { Measure, SuiteGiven } from '../../src-main/evaluation/suites/suite'
import { suiteNames, suites, type SuiteName } from '../../src-main/evaluation/suites/suites'
import { distinct, selfBleu } from '../../src-main/maths/texts/variety'
import { importModel } from '../../src-main/model/importing/import-model'
import type { LanguageModel } from '../../src-main/model/model'
import { sameness } from '../../src-shared/prompts'

const fixtures = path.join(import.meta.dirname, '../fixtures')
const read = <T>(name: string): T =>
  JSON.parse(readFileSync(path.join(fixtures, 'rewards', name), 'utf8')) as T

const given = (completions: readonly string[], more: Partial<SuiteGiven> = {}): SuiteGiven => ({
  texts: completions.map((completion, place) => ({
    prompt: `prompt ${place}`,
    completion,
    tokens: completion.length,
    hasEnded: place % 2 === 0,
  })),
  logProbsOf: async () => [],
  ...more,
})

async function measured(name: SuiteName, of: SuiteGiven): Promise<Readonly<Record<string, Measure>>> {
  const all = await suites[name].measure(of)
  return Object.fromEntries(all.map((each) => [each.name, each]))
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / values.length

describe('against references', () => {
  interface Case {
    readonly text: string
    readonly references: readonly string[]
    readonly rouge: Readonly<Record<'words' | 'pairs' | 'sequence', number>>
    readonly bleu: number
    readonly chrf: number
    readonly meteor: number
  }
  const cases = read<readonly Case[]>('text-metrics.json')

  it('the means are those of rouge_score, sacrebleu and NLTK over the same texts', async () => {
    const references = new Map(
      cases.map((one, place) => [sameness(`prompt ${place}`), one.references] as const),
    )
    const found = await measured(
      'references',
      given(
        cases.map(({ text }) => text),
        { references },
      ),
    )
    const wanted = {
      'ROUGE-1': mean(cases.map(({ rouge }) => rouge.words)),
      'ROUGE-2': mean(cases.map(({ rouge }) => rouge.pairs)),
      'ROUGE-L': mean(cases.map(({ rouge }) => rouge.sequence)),
      BLEU: mean(cases.map(({ bleu }) => bleu)),
      chrF: mean(cases.map(({ chrf }) => chrf)),
      METEOR: mean(cases.map(({ meteor }) => meteor)),
    }
    for (const [name, value] of Object.entries(wanted)) {
      expect(found[name]!.value, name).toBeCloseTo(value, 9)
      expect(found[name]!.count).toBe(cases.length)
      expect(found[name]!.interval!.low).toBeLessThan(value)
    }
  })

  it('a prompt without a reference is not counted, and exact match is strict or lenient', async () => {
    const references = new Map([
      [sameness('prompt 0'), ['The end']],
      [sameness('prompt 1'), ['the end.']],
    ])
    const found = await measured('references', given(['The end', 'The end', 'The end'], { references }))
    expect(found['Exact match']).toMatchObject({ value: 0.5, count: 2 })
    expect(found['Exact match, lenient']).toMatchObject({ value: 1, count: 2 })
  })
})

describe('variety', () => {
  it.each(read<readonly { texts: string[]; selfBleu: number; distinct: number[] }[]>('self-bleu.json'))(
    'self-BLEU is sacrebleu’s of each text against the others: $texts.length texts',
    ({ texts, selfBleu: wanted, distinct: counted }) => {
      expect(selfBleu(texts)).toBeCloseTo(wanted, 9)
      for (const [place, each] of counted.entries()) expect(distinct(texts, place + 1)).toBeCloseTo(each, 12)
    },
  )

  it('knows what was learned by heart, and only where it is told what was', async () => {
    const texts = given(['a b c d', 'e f', 'a b c a b c'])
    expect((await measured('variety', texts))['Copied']).toBeUndefined()
    const found = await measured('variety', { ...texts, training: ['a b c d', 'e f g'] })
    // the first ended and is one; the second was cut at the beginning of one; the third is none
    expect(found['Copied']).toMatchObject({ value: 2 / 3, count: 3 })
    // of the four rows of three in the third, “a b c” stands twice
    expect(found['Repeated']!.value).toBeCloseTo(1 / 4 / 3, 12)
  })
})

describe('likelihood', () => {
  const wanted = read<readonly { text: string; tokens: number; natsAToken: number }[]>('likelihood.json')

  it('is the loss that transformers computes, text by text and over all tokens', async () => {
    const engine = compiledEngine({ threads: 1 })
    try {
      const folder = path.join(fixtures, 'models/smol')
      const { model } = await importModel(folder, new AbortController().signal)
      const pairs = wanted.map(({ text }) => ({ prompt: '', completion: text }))
      const found = await logProbsOf(engine, model as LanguageModel, pairs)
      for (const [place, { tokens, natsAToken }] of wanted.entries()) {
        expect(found[place]).toHaveLength(tokens)
        expect(-mean(found[place]!)).toBeCloseTo(natsAToken, 4)
      }
      const references = new Map([[sameness(''), wanted.map(({ text }) => text)]])
      const texts = [{ prompt: '', completion: '', tokens: 0, hasEnded: true }]
      const measures = await measured('likelihood', {
        texts,
        references,
        logProbsOf: (all) => logProbsOf(engine, model as LanguageModel, all),
      })
      const tokens = wanted.reduce((sum, each) => sum + each.tokens, 0)
      const nats = wanted.reduce((sum, each) => sum + each.tokens * each.natsAToken, 0) / tokens
      expect(measures['Nats a token']!.value).toBeCloseTo(nats, 4)
      expect(measures['Perplexity']).toMatchObject({ count: tokens })
      expect(measures['Perplexity']!.value).toBeCloseTo(Math.exp(nats), 2)
    } finally {
      engine.dispose()
    }
  })
})

describe('every suite', () => {
  it.each(suiteNames)('has an interval within its bounds where there are texts enough: %s', async (name) => {
    const texts = Array.from(
      { length: 60 },
      (_, place) => `it was ${['good', 'bad', 'green'][place % 3]} ${place % 7}`,
    )
    const references = new Map(texts.map((text, place) => [sameness(`prompt ${place}`), [`${text} indeed`]]))
    const logProbs = (): Promise<number[][]> => Promise.resolve(texts.map((_, place) => [-1, -(place % 5)]))
    const found = await suites[name].measure(
      given(texts, { references, training: texts, logProbsOf: logProbs }),
    )
    expect(found.length).toBeGreaterThan(0)
    for (const { value, interval, count, doc } of found) {
      expect(interval!.low).toBeLessThanOrEqual(value + 1e-12)
      expect(interval!.high).toBeGreaterThanOrEqual(value - 1e-12)
      expect(count).toBeGreaterThan(0)
      expect(doc).not.toBe('')
    }
  })

  it.each(suiteNames)(
    'says something, or nothing, of one empty text, and never what is no number: %s',
    async (name) => {
      for (const { value } of await suites[name].measure(given([''], { references: new Map() })))
        expect(Number.isFinite(value)).toBe(true)
    },
  )
})
