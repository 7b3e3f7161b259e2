import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Opening, References, Reward } from '../../src-main/rewards/reward'
import { openTerms, scoresOf, type TermOpener } from '../../src-main/rewards/terms'
import { rewardRows } from '../../src-main/rewards/rewards'
import type { Engine } from '../../src-main/compute/engine'
import { rewardsProblem, termsOf } from '../../src-shared/rewards/terms'
import { testEngine } from '../trainers/tiny'

const engine: Engine = testEngine()

/** The scores of the first term of a sum, for completions of one prompt with these references. */
async function scored(
  sum: string,
  completions: readonly string[],
  references: readonly string[] = [],
): Promise<readonly number[]> {
  const terms = await openTerms(engine, termsOf(sum), opener(new Map([['p', references]])))
  const { reward } = await scoresOf(
    terms,
    completions.map((completion) => ({ prompt: 'p', completion, hasEnded: true })),
  )
  return reward
}

const opener = (references: References): TermOpener => ({
  rewardModel: () => Promise.reject(new Error('no reward model is asked for')),
  references: () => references,
  reward: (source, opening: Opening): Reward => rewardRows[source].open(opening),
})

describe('the length reward', () => {
  it('is 0 within its bounds and falls to −1 over its slope', async () => {
    // at most 3 words, slope 2: 3 → 0, 4 → −1/2, 5 → −1, 6 → −1; at least 2: 1 → −1/2
    const texts = ['a b c', 'a b c d', 'a b c d e', 'a b c d e f', 'a']
    expect(await scored('length(atLeast=2, atMost=3, slope=2)', texts)).toEqual([0, -0.5, -1, -1, -0.5])
    expect(await scored('length(unit=characters, atMost=1, slope=1)', ['🙂', 'ab'])).toEqual([0, -1])
    expect(rewardsProblem('length(atLeast=5, atMost=3)')).toMatch(/no length is right/)
  })
})

describe('the repetition reward', () => {
  it('is minus the share of rows of words that were there before', async () => {
    // pairs of "so so so good": so so, so so, so good: two different of three
    expect(await scored('repetition(rowWords=2)', ['so So so good', 'all new here', '', 'one'])).toEqual([
      2 / 3 - 1,
      0,
      0,
      0,
    ])
  })
})

describe('the format reward', () => {
  it('is 1 when the whole completion fits, over line breaks too', async () => {
    const sum = String.raw`format(pattern="<think>.*?</think>\s*<answer>.+</answer>")`
    expect(
      await scored(sum, [
        '<think>a\nb</think>\n<answer>7</answer>',
        '<think></think><answer>7</answer> and more',
        'so <think></think><answer>7</answer>',
        '<answer>7</answer>',
      ]),
    ).toEqual([1, 0, 0, 0])
    expect(await scored('format(pattern="yes|no", letterCase=any)', ['Yes', 'yes.', ''])).toEqual([1, 0, 0])
  })

  it('cannot be hung', async () => {
    expect(await scored('format(pattern="(a+)+b")', ['a'.repeat(2000)])).toEqual([0])
  })
})

describe('AFINN', () => {
  it('scores 160 texts as the Python package does', async () => {
    const cases = JSON.parse(readFileSync('tests/fixtures/rewards/text-metrics.json', 'utf8')) as readonly {
      readonly text: string
      readonly afinn: number
    }[]
    const found = await scored(
      'afinn',
      cases.map(({ text }) => text),
    )
    expect(found).toEqual(cases.map(({ afinn }) => afinn))
    expect(cases.filter(({ afinn }) => afinn !== 0).length).toBeGreaterThan(80)
  })
})

describe('an answer held against its reference', () => {
  it('matches strictly by characters, leniently by words', async () => {
    const answers = [' Paris ', 'paris.', 'The Paris', 'London', '']
    expect(await scored('exact', answers, ['Paris'])).toEqual([1, 0, 0, 0, 0])
    expect(await scored('exact(match=lenient)', answers, ['Paris'])).toEqual([1, 1, 1, 0, 0])
    expect(await scored('exact', ['b'], ['a', 'b'])).toEqual([1])
  })

  it('answers with a number: marked strictly, the last one leniently', async () => {
    const gold = ['He has 3 and 4 more.\n#### 1,234']
    const answers = [
      '1234',
      'so it is 1,234.',
      'x\n#### $1,234.0',
      '\\boxed{1234}',
      '#### 7 of 1234',
      'none',
      '',
    ]
    expect(await scored('numeric', answers, gold)).toEqual([1, 0, 1, 1, 0, 0, 0])
    expect(await scored('numeric(match=lenient)', answers, gold)).toEqual([1, 1, 1, 1, 1, 0, 0])
    expect(await scored('numeric', ['-0.5', '−.5', '0.5', '50%'], ['-0.50'])).toEqual([1, 1, 0, 0])
  })

  it('is refused before the run where prompts stand alone', async () => {
    const lonely = new Map([
      ['p', ['x']],
      ['why?', []],
    ])
    await expect(openTerms(engine, termsOf('rouge'), opener(lonely))).rejects.toThrow(
      'prompts: has 1 of 2 prompts without a completion beside them, such as “why?”: rouge has nothing there',
    )
  })
})

describe('metrics against references', () => {
  it('score as their names say: METEOR and CIDEr upwards from 0, TER down from 0', async () => {
    const texts = ['the cat sat', 'a dog ran']
    expect(await scored('meteor', texts, ['the cat sat'])).toEqual([expect.closeTo(1 - 0.5 / 27, 9), 0])
    expect(await scored('ter', texts, ['the cat sat'])).toEqual([0, -1])
    const two = new Map([
      ['p', ['the cat sat']],
      ['q', ['the dog ran']],
    ])
    const [term] = await openTerms(engine, termsOf('cider'), opener(two))
    const found = await term!.score(texts.map((completion) => ({ prompt: 'p', completion, hasEnded: true })))
    expect(found[0]).toBeGreaterThan(5)
    expect(found[1]).toBe(0)
  })

  it('refuse what would be 0 for every completion: CIDEr with one prompt alone', async () => {
    await expect(scored('cider', ['x'], ['x'])).rejects.toThrow('prompts: has one prompt alone')
  })
})

describe('a reward that goes wrong', () => {
  const text = { prompt: '', completion: 'x', hasEnded: true }
  const scoresBy = (score: Reward) => scoresOf([{ source: 'pattern', place: 1, weight: 0, score }], [text])

  it.each([NaN, Infinity, -Infinity])('stops the run at a score of %d, watched or not', async (score) => {
    await expect(scoresBy(async () => [score])).rejects.toThrow(
      `The reward pattern scored ${score}, which is no finite number, for the completion “x”.`,
    )
  })

  it('says which reward it was that failed, or gave too few scores', async () => {
    await expect(scoresBy(() => Promise.reject(new Error('no list')))).rejects.toThrow(
      'The reward pattern cannot score: no list',
    )
    await expect(scoresBy(async () => [])).rejects.toThrow('gave 0 scores for 1 completions')
  })
})
