import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { winkReward } from '../../src-main/rewards/wink'

const text = (
  completion: string,
  prompt = '',
): { prompt: string; completion: string; hasEnded: boolean } => ({ prompt, completion, hasEnded: true })

describe('wink-nlp’s sentiment', () => {
  it('is above 0 for praise, below for blame and 0 for neither', async () => {
    const [praise, blame, neither, nothing] = await winkReward([
      text('I love it.'),
      text('It was awful.'),
      text('It is a book.'),
      text(''),
    ])
    expect(praise).toBeGreaterThan(0)
    expect(blame).toBeLessThan(0)
    expect([neither, nothing]).toEqual([0, 0])
  })

  it('hears a negation', async () => {
    const [without, withNot] = await winkReward([text('a good bargain'), text('not a good bargain')])
    expect(without).toBeGreaterThan(0)
    expect(withNot).toBe(-without!)
  })

  it('reads the completion alone', async () => {
    expect(await winkReward([text('It is a book.', 'I love it.')])).toEqual([0])
  })

  it('agrees with people on five of six bundled sentences', async () => {
    const rows = readFileSync('resources/datasets/sentiment-sentences.jsonl', 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { text: string; label: number })
    const scores = await winkReward(rows.map(({ text: sentence }) => text(sentence)))
    expect(
      scores.filter((score, i) => score > 0 === (rows[i]!.label === 1)).length / rows.length,
    ).toBeCloseTo(0.84, 2)
  })
})
