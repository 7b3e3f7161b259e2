import { describe, expect, it } from 'vitest'
import { chunkPositions } from '../../src-main/model/language-model'
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
const characters = { vocabulary: 100, width: 32 }
const gpt2 = { vocabulary: 50_257, width: 768 }
const machine = { vocabulary: 50_257, totalBytes: 24 * 2 ** 30 }

describe('the memory of a rollout', () => {
  it('is the reference’s states wherever something is drawn, and logits of a minibatch', () => {
    // 256 completions · 64 tokens · 32 numbers of 4 bytes; 64 rows · (16 + 64) positions · 100 numbers of 4
    // bytes, six times
    expect(rolloutMemory(settings, characters, 16)).toEqual({
      keptBytes: 256 * 64 * 32 * 4,
      minibatchBytes: 64 * 80 * 100 * 4 * 6,
    })
  })

  it('has logits of no more positions than a chunk’s', () => {
    const chunk = chunkPositions(gpt2)
    expect(chunk).toBeLessThan(64 * 80)
    expect(rolloutMemory(settings, gpt2, 16).minibatchBytes).toBe(chunk * 50_257 * 4 * 6)
  })

  it('is a byte a token of the vocabulary more where some are left out, and two numbers at each position', () => {
    const whole = rolloutMemory(settings, characters, 0)
    for (const part of [{ topK: 30 }, { topP: 0.9 }, { minP: 0.1 }]) {
      const memory = rolloutMemory({ ...settings, ...part }, characters, 0)
      expect(memory.keptBytes - whole.keptBytes).toBe(256 * 64 * 100)
      expect(memory.minibatchBytes - whole.minibatchBytes).toBe(64 * 64 * 100 * 4 * 2)
    }
    expect(rolloutMemory({ ...settings, klEstimator: 'sampled' }, characters, 0).keptBytes).toBe(0)
  })

  it('is no problem with characters, nor with 50,257 tokens of which all could be drawn', () => {
    const small = { vocabulary: 100, totalBytes: 2 ** 30 }
    expect(memoryProblem(rolloutMemory(settings, characters, 64), small)).toBeUndefined()
    const many = { ...settings, completions: 1024, maxTokens: 200, minibatches: 1 }
    expect(memoryProblem(rolloutMemory(many, gpt2, 0), machine)).toBeUndefined()
  })

  it('that does not fit says what to change', () => {
    const part = { ...settings, topK: 30 } as const
    const long = { ...part, completions: 4096, minibatches: 512, maxTokens: 200 }
    expect(memoryProblem(rolloutMemory(long, gpt2, 0), machine)).toEqual({
      field: 'completions',
      problem:
        'must be fewer or shorter: 43.7 GB would be kept of them, and this machine has 25.8 GB. Without top-k, top-p ' +
        'and min-p it is not kept which of 50,257 tokens could be drawn.',
    })
    expect(
      memoryProblem(rolloutMemory({ ...part, completions: 1024, minibatches: 1 }, gpt2, 0), machine),
    ).toEqual({
      field: 'minibatches',
      problem:
        'must be more: one of them holds 26.8 GB of numbers for 50,257 tokens a position, and this machine ' +
        'has 25.8 GB. Shorter or fewer completions help, too, and so does drawing without top-k, top-p and min-p.',
    })
  })
})
