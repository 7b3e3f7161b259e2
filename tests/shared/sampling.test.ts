import { describe, expect, it } from 'vitest'
import { defaultsOf } from '../../src-shared/fields'
import { samplingFields, samplingSchema } from '../../src-shared/sampling'

const standard = defaultsOf(samplingFields)
const problemOf = (given: Record<string, unknown>) =>
  samplingSchema.safeParse({ ...standard, ...given }).error?.issues[0]?.message

describe('the settings of sampling', () => {
  it('hold at their defaults', () => {
    expect(samplingSchema.parse(standard)).toEqual(standard)
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
