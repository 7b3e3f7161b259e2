/** Fingerprints of examples: the same for the same, another for whatever makes an example another. */
import { describe, expect, it } from 'vitest'
import { fingerprintOf } from '../../src-main/data/fingerprint'
import type { ExampleParts } from '../../src-shared/records/example'

const example: ExampleParts = { prompt: 'one two', completion: 'three', rejected: 'four', label: 1 }

describe('a fingerprint', () => {
  it('is the same whenever the same is said, whatever stands beside it', () => {
    expect(fingerprintOf({ ...example })).toBe(fingerprintOf(example))
    expect(fingerprintOf({ ...example, source: 'a letter' })).toBe(fingerprintOf(example))
  })

  const others: readonly ExampleParts[] = [
    { ...example, prompt: 'one twp' },
    { ...example, prompt: 'one twothree', completion: '' },
    { ...example, completion: 'four', rejected: 'three' },
    { ...example, label: 2 },
    { prompt: 'one two', completion: 'three', label: 1 },
    { ...example, completion: [{ role: 'assistant', content: 'three' }] },
    { ...example, steps: [{ text: 'three', label: 1 }] },
  ]

  it.each(others)('is another for %j', (other) => {
    expect(fingerprintOf(other)).not.toBe(fingerprintOf(example))
  })

  it('is a safe whole number, and another for each of 200,000 neighbouring texts', () => {
    const prints = new Set(
      Array.from({ length: 200_000 }, (_, index) => fingerprintOf({ prompt: `row ${index}` })),
    )
    expect(prints.size).toBe(200_000)
    expect([...prints].every(Number.isSafeInteger)).toBe(true)
  })
})
