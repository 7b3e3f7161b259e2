import { describe, expect, it } from 'vitest'
import { defaultsOf } from '../../src-shared/fields'
import { samplingFields, samplingSchema } from '../../src-shared/sampling'

const standard = defaultsOf(samplingFields)
const problemOf = (given: Record<string, unknown>) =>
  samplingSchema.safeParse({ ...standard, ...given }).error?.issues[0]?.message

describe('the settings of sampling', () => {
  it('hold at their defaults', () => {
    expect(samplingSchema.safeParse(standard).success).toBe(true)
  })
  it('leave out what is off, and keep what is on', () => {
    const { temperature, topK, topP, maxTokens, seed } = standard
    expect(samplingSchema.parse(standard)).toEqual({ temperature, topK, topP, maxTokens, seed })
    expect(samplingSchema.parse({ ...standard, minP: 0.1, stop: '.' })).toEqual({
      ...{ temperature, topK, topP, maxTokens, seed },
      minP: 0.1,
      stop: '.',
    })
  })
  it('take a top-p above 0, not 0 itself', () => {
    expect([problemOf({ topP: 0.001 }), problemOf({ topP: 0 })]).toEqual([
      undefined,
      'must be above 0, at most 1',
    ])
  })
  it('say their bounds as people write numbers', () => {
    expect(problemOf({ maxTokens: 0 })).toBe('must be between 1 and 100,000 tokens')
  })
  it('are all given, and no other', () => {
    const { seed: _, ...seedless } = standard
    expect(samplingSchema.safeParse(seedless).success).toBe(false)
    expect(samplingSchema.safeParse({ ...standard, topQ: 1 }).success).toBe(false)
  })
})
