import { describe, expect, it } from 'vitest'
import type { GeneratedPiece, WeightFormat } from '../../src-shared/records/sample'
import { errorText } from '../../src-shared/result'
import { testFolder } from '../helpers/registry'
import { testStudio, type TestStudio } from '../helpers/test-studio'
import { tinyCheckpoint, tinyContext } from '../helpers/tiny-model'
import { imported } from '../helpers/tiny-runs'

const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 24, seed: 3 }

async function withModels(): Promise<{
  readonly studio: TestStudio
  readonly left: string
  readonly right: string
}> {
  const folder = testFolder()
  const left = await tinyCheckpoint(folder, { seed: 1 })
  const right = await tinyCheckpoint(folder, { seed: 2 })
  return { studio: await testStudio({ folder }), left: left.id, right: right.id }
}

const textOf = (pieces: readonly GeneratedPiece[], side: 'left' | 'right') =>
  pieces
    .filter((piece) => piece.side === side)
    .map((piece) => piece.text)
    .join('')

describe('two checkpoints writing side by side', () => {
  it('write the same text when they are the same, and end each with its stored sample', async () => {
    const { studio, left } = await withModels()
    const pieces = await studio.follow('samples.generate', {
      prompt: 'the ',
      leftCheckpointId: left,
      rightCheckpointId: left,
      sampling,
    })
    expect(textOf(pieces, 'left')).toBe(textOf(pieces, 'right'))
    const ends = pieces.filter(({ end }) => end !== undefined)
    expect(ends.map(({ side }) => side).sort()).toEqual(['left', 'right'])
    expect(ends[0]!.tokens).toBe([...textOf(pieces, 'left')].length)
    expect(ends[0]!.end!.tokensASecond).toBeGreaterThan(0)
  })

  it('tell each token that is shown, with its log-probability and the likeliest in its place', async () => {
    const { studio, left, right } = await withModels()
    const asked = { prompt: 'the ', leftCheckpointId: left, rightCheckpointId: right }
    const pieces = await studio.follow('samples.generate', { ...asked, sampling, withChances: true })
    const untold = await studio.follow('samples.generate', { ...asked, sampling })
    expect(untold.flatMap(({ told }) => told ?? [])).toEqual([])
    expect(textOf(untold, 'left')).toBe(textOf(pieces, 'left'))
    for (const side of ['left', 'right'] as const) {
      const told = pieces.flatMap((piece) => (piece.side === side ? (piece.told ?? []) : []))
      expect(told.map(({ text }) => text).join('')).toBe(textOf(pieces, side))
      for (const { logProb, top } of told) {
        expect(top.length).toBe(5)
        expect(top.map((each) => each.logProb)).toEqual(top.map((each) => each.logProb).sort((a, b) => b - a))
        expect(logProb).toBeLessThanOrEqual(top[0]!.logProb)
        expect(top.reduce((sum, each) => sum + Math.exp(each.logProb), 0)).toBeLessThanOrEqual(1 + 1e-6)
      }
    }
    // at temperature 0 the likeliest is what is written
    const greedy = await studio.follow('samples.generate', {
      ...asked,
      withChances: true,
      sampling: { ...sampling, temperature: 0 },
    })
    const first = greedy.flatMap(({ told = [] }) => told)
    expect(first.length).toBeGreaterThan(0)
    for (const { text, top } of first) expect(text).toBe(top[0]!.text)
  })

  it('move together: neither side is ever more than a gathering ahead', async () => {
    const { studio, left, right } = await withModels()
    const pieces = await studio.follow('samples.generate', {
      prompt: 'the ',
      leftCheckpointId: left,
      rightCheckpointId: right,
      sampling: { ...sampling, maxTokens: 28 },
    })
    const counts = { left: 0, right: 0 }
    const over = { left: false, right: false }
    for (const { side, tokens, end } of pieces) {
      counts[side] = tokens
      over[side] ||= end !== undefined
      // Of one gathering the left side's piece comes first; the right one's follows at once.
      if (side === 'right' && !over.left && !over.right)
        expect(Math.abs(counts.left - counts.right)).toBeLessThanOrEqual(1)
    }
    expect(textOf(pieces, 'left')).not.toBe(textOf(pieces, 'right'))
  })

  it('repeat themselves with the same seed, whatever else is being written', async () => {
    const { studio, left, right } = await withModels()
    const write = () =>
      studio.follow('samples.generate', {
        prompt: 'a film',
        leftCheckpointId: left,
        rightCheckpointId: right,
        sampling,
      })
    const alone = await write()
    const together = await Promise.all([write(), write(), write()])
    for (const pieces of together)
      for (const side of ['left', 'right'] as const) expect(textOf(pieces, side)).toBe(textOf(alone, side))
  })

  it('write with 8-bit weights when they are asked to, each time the same', async () => {
    const folder = testFolder()
    const { id } = await tinyCheckpoint(folder, { width: 256, spread: 6 })
    const studio = await testStudio({ folder })
    const write = async (weights?: WeightFormat) => {
      const texts: string[] = []
      for (const seed of [1, 2, 3, 4, 5, 6, 7, 8])
        texts.push(
          textOf(
            await studio.follow('samples.generate', {
              prompt: 'the ',
              leftCheckpointId: id,
              sampling: { ...sampling, seed },
              ...(weights && { weights }),
            }),
            'left',
          ),
        )
      return texts
    }
    const plain = await write()
    const inBits = await write('8-bit')
    expect(inBits).not.toEqual(plain)
    expect(await write('8-bit')).toEqual(inBits)
    expect(await write('as-they-are')).toEqual(plain)
  })

  it('write only the left side with one checkpoint', async () => {
    const { studio, left } = await withModels()
    const pieces = await studio.follow('samples.generate', { prompt: '', leftCheckpointId: left, sampling })
    expect(pieces.every(({ side }) => side === 'left')).toBe(true)
  })

  // Again when it was not: a busy machine may hand over the first token after the last is written.
  it('stop within a few tokens when the reader leaves, and leave no sample', { retry: 3 }, async () => {
    const { studio, left } = await withModels()
    for await (const _ of studio.api.stream(
      'samples.generate',
      { prompt: '', leftCheckpointId: left, sampling: { ...sampling, maxTokens: tinyContext } },
      new AbortController().signal,
    ))
      break
    const again = await studio.follow('samples.generate', {
      prompt: '',
      leftCheckpointId: left,
      sampling: { ...sampling, maxTokens: 2 },
    })
    expect(again.at(-1)!.end!.sampleId).toBe('sample-1')
  })

  it.each([
    [
      'a prompt that is too long',
      { prompt: 'a'.repeat(tinyContext) },
      `prompt cannot be read: the prompt has ${tinyContext} tokens; this model reads at most ` +
        `${tinyContext - 1}`,
    ],
    [
      'a character the model does not know',
      { prompt: 'café' },
      'prompt cannot be read: "é" (U+00E9) at character 4 is not among the 29 characters of this tokenizer',
    ],
    ['a checkpoint that is gone', { leftCheckpointId: 'checkpoint-99' }, 'This checkpoint no longer exists.'],
  ])('refuse %s in words', async (_, more, sentence) => {
    const { studio, left } = await withModels()
    await expect(
      studio.follow('samples.generate', { prompt: '', leftCheckpointId: left, sampling, ...more }),
    ).rejects.toThrow(sentence)
    expect(studio.bugs).toEqual([])
  })

  it('fail in words when their process is killed, and write again the next time', async () => {
    const { studio, left } = await withModels()
    await studio.ask('devices.list', {})
    await studio.follow('samples.generate', {
      prompt: '',
      leftCheckpointId: left,
      sampling: { ...sampling, maxTokens: 1 },
    })
    const warm = studio.pids.findLast(isAlive) // those that looked up the devices came before it
    const writing = Promise.all(
      Array.from({ length: 20 }, () =>
        studio.follow('samples.generate', {
          prompt: '',
          leftCheckpointId: left,
          sampling: { ...sampling, maxTokens: tinyContext },
        }),
      ),
    ).then(() => '', errorOf)
    process.kill(warm!, 'SIGKILL')
    expect(await writing).toBe(
      'The compute process was killed; perhaps the machine ran out of memory before it was done. Nothing ' +
        'that was saved is lost; ask again.',
    )
    expect(
      (await studio.follow('samples.generate', { prompt: '', leftCheckpointId: left, sampling })).at(-1)!.end,
    ).toBeDefined()
  })
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const errorOf = (error: Error): string => error.message

describe('two samples', () => {
  it('become a comparison of a queue, on sides drawn from its seed', async () => {
    const { studio, left } = await withModels()
    const prompts = await imported(studio, 'prompts.jsonl')
    const queue = await studio.ask('labels.create', {
      name: 'q',
      checkpointId: left,
      promptDatasetId: prompts.id,
      sampling,
      goal: 1,
      guidance: '',
    })
    await studio.follow('labels.watch', { queueId: queue.id }, ({ ahead }) => ahead === 1)
    const seen = new Set<string>()
    for (let seed = 0; seed < 12; seed++) {
      const written = await Promise.all(
        [seed, seed + 100].map((each) =>
          studio.follow('samples.generate', {
            prompt: 'the ',
            leftCheckpointId: left,
            sampling: { ...sampling, seed: each },
          }),
        ),
      )
      const texts = written.map((pieces) => textOf(pieces, 'left'))
      const [a, b] = written.map((pieces) => pieces.at(-1)!.end!.sampleId)
      const comparison = await studio.ask('samples.compare', {
        queueId: queue.id,
        leftSampleId: a!,
        rightSampleId: b!,
      })
      expect([comparison.left.text, comparison.right.text].sort()).toEqual([...texts].sort())
      seen.add(comparison.left.text === texts[0] ? 'kept' : 'swapped')
      const again = await studio.ask('samples.compare', {
        queueId: queue.id,
        leftSampleId: b!,
        rightSampleId: a!,
      })
      expect(again).toEqual(comparison)
      const writers = [comparison.left, comparison.right].map(({ writer }) => writer)
      expect(writers.map((writer) => writer?.checkpointId)).toEqual([left, left])
      expect(writers.map((writer) => writer?.sampling?.seed).sort()).toEqual([seed, seed + 100].sort())
    }
    expect([...seen].sort()).toEqual(['kept', 'swapped'])
  })

  it('of different prompts, or with the same text, are refused in words', async () => {
    const { studio, left } = await withModels()
    const prompts = await imported(studio, 'prompts.jsonl')
    const queue = await studio.ask('labels.create', {
      name: 'q',
      checkpointId: left,
      promptDatasetId: prompts.id,
      sampling,
      goal: 1,
      guidance: '',
    })
    const sampleOf = async (prompt: string) =>
      (await studio.follow('samples.generate', { prompt, leftCheckpointId: left, sampling })).at(-1)!.end!
        .sampleId
    const [one, same, other] = [await sampleOf('the '), await sampleOf('the '), await sampleOf('a ')]
    const compare = async (leftSampleId: string, rightSampleId: string) => {
      const answer = await studio.api.call('samples.compare', {
        queueId: queue.id,
        leftSampleId,
        rightSampleId,
      })
      return answer.ok ? 'made' : errorText(answer.error)
    }
    expect(await compare(one, same)).toBe(
      'rightSampleId says the same as the left sample: there is nothing to judge',
    )
    expect(await compare(one, other)).toBe('rightSampleId completes another prompt than the left sample')
    expect(await compare(one, 'sample-99')).toBe('rightSampleId no longer exists')
  })
})
