import { describe, expect, it } from 'vitest'
import { memoryProblem, rolloutMemory } from '../../src-main/trainers/rollout-memory'

const settings = {
  completions: 256,
  minibatches: 4,
  maxTokens: 64,
  topK: 0,
  topP: 1,
  minP: 0,
  klEstimator: 'exact',
} as const
const machine = { vocabulary: 50_257, totalBytes: 24 * 2 ** 30, isExact: true }

describe('the memory of a rollout', () => {
  it('is the reference’s logits wherever something is drawn, and those of a minibatch', () => {
    // 256 completions · 64 tokens · 100 numbers of 4 bytes; 64 rows · (16 + 64) positions · 100 numbers of 4
    // bytes, eight times
    expect(rolloutMemory(settings, 100, 16)).toEqual({
      keptBytes: 256 * 64 * 100 * 4,
      minibatchBytes: 64 * 80 * 100 * 4 * 8,
    })
  })

  it('is a byte a token more where some are left out, and none of the reference’s logits if the KL is sampled', () => {
    for (const part of [{ topK: 30 }, { topP: 0.9 }, { minP: 0.1 }])
      expect(rolloutMemory({ ...settings, ...part }, 100, 0).keptBytes).toBe(256 * 64 * 100 * 5)
    expect(rolloutMemory({ ...settings, klEstimator: 'sampled' }, 100, 0).keptBytes).toBe(0)
  })

  it('is no problem with characters', () => {
    expect(
      memoryProblem(rolloutMemory(settings, 97, 64), { ...machine, vocabulary: 97, totalBytes: 2 ** 30 }),
    ).toBeUndefined()
  })

  it('that does not fit says what to change', () => {
    const long = { ...settings, completions: 1024, minibatches: 64, maxTokens: 200 }
    expect(memoryProblem(rolloutMemory(long, 50_257, 0), machine)).toEqual({
      field: 'klEstimator',
      problem:
        'exact keeps a number for each of 50,257 tokens wherever one is drawn: 41.2 GB, and this machine ' +
        'has 25.8 GB. Choose sampled, or fewer or shorter completions.',
    })
    expect(
      memoryProblem(rolloutMemory({ ...settings, klEstimator: 'sampled', minibatches: 1 }, 50_257, 0), {
        ...machine,
        isExact: false,
      }),
    ).toEqual({
      field: 'minibatches',
      problem:
        'must be more: one of them holds 26.3 GB of numbers for 50,257 tokens a position, and this machine ' +
        'has 25.8 GB. Shorter or fewer completions help, too.',
    })
  })
})
