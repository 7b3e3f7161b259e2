/** Best of n as a way to write: what is kept, its score, and what is refused. */
import { describe, expect, it } from 'vitest'
import { testFolder } from '../helpers/registry'
import { testStudio } from '../helpers/test-studio'
import { tinyCheckpoint } from '../helpers/tiny-model'
import { samplingSchema } from '../../src-shared/sampling'
import { bestWritten } from '../../src-main/processes/best-written'
import type { Completion } from '../../src-main/model/writing/sequence'

const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 12, seed: 3 }
const never = new AbortController().signal
/** Longer is better: 0 at 30 characters, −1 at none. */
const scorer = 'length(unit=characters, atLeast=30, slope=30)'

describe('the best of n', () => {
  it('is the one of so many that scores highest, with its score and the bound of its KL', async () => {
    const folder = testFolder()
    const { id } = await tinyCheckpoint(folder)
    const { name } = await tinyCheckpoint(folder, { kind: 'reward-model', seed: 2 })
    const studio = await testStudio({ folder })
    const written = async (more: object) => {
      const pieces = await studio.follow('samples.generate', {
        prompt: 'the ',
        leftCheckpointId: id,
        sampling: { ...sampling, ...more },
      })
      return { text: pieces.map(({ text }) => text).join(''), end: pieces.at(-1)!.end! }
    }
    const alone = await written({})
    const best = await written({ bestOf: 8, scorer })
    expect(alone.end.best).toBeUndefined()
    // ln 8 − 7/8 = 1.204
    expect(best.end.best).toMatchObject({ of: 8 })
    expect(best.end.best!.klBound).toBeCloseTo(1.2044, 4)
    expect(best.end.best!.score).toBeCloseTo((best.text.length - 30) / 30, 6)
    expect(best.text.length).toBeGreaterThanOrEqual(alone.text.length) // it is the first of the eight
    expect(await written({ bestOf: 8, scorer })).toMatchObject({ text: best.text })
    // by a trained reward model, which is named
    const byModel = await written({ bestOf: 4, scorer: 'reward-model', scorerModel: name })
    expect(Number.isFinite(byModel.end.best!.score)).toBe(true)
  }, 60_000)

  it('goes by prompt: each has its own, and of equal scores the first', async () => {
    const completion = (text: string): Completion =>
      ({ prompt: 'p', text, completionTokens: text.length, hasEnded: true }) as Completion
    const texts = ['a', 'ccc', 'bbb', 'dd', 'd', 'e']
    const found = await bestWritten(
      {
        writer: {
          generate: (prompts) => Promise.resolve(prompts.map((_, index) => completion(texts[index]!))),
        },
        score: ({ texts: all }) => Promise.resolve(all.map(({ completion: text }) => text.length)),
      },
      ['p', 'q'],
      { ...sampling, bestOf: 3, scorer: 'lexicon' },
      never,
    )
    expect(found).toMatchObject([
      { text: 'ccc', writtenTokens: 7, best: { of: 3, score: 3 } },
      { text: 'dd', writtenTokens: 4, best: { of: 3, score: 2 } },
    ])
  })

  it.each([
    [{ bestOf: 4 }, 'scorer', 'must say what picks the best'],
    [{ bestOf: 4, scorer: 'oracle' }, 'scorer', '“oracle” where a reward is wanted'],
    [{ bestOf: 4, scorer: 'exact' }, 'scorer', 'needs references'],
    [{ bestOf: 4, scorer: 'person' }, 'scorer', 'pick for yourself'],
    [{ bestOf: 4, scorer: 'reward-model' }, 'scorerModel', 'must name the checkpoint'],
    [{ bestOf: 65, scorer: 'lexicon' }, 'bestOf', 'must be between 1 and 64'],
  ])('is refused in words: %j', (given, field, problem) => {
    const issue = samplingSchema.safeParse({ ...sampling, ...given }).error?.issues[0]
    expect(issue?.path[0]).toBe(field)
    expect(issue?.message).toContain(problem)
  })
})
