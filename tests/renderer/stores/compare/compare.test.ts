// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { useCompare } from '../../../../src-renderer/stores/compare/compare'
import { parseSampling, plainSampling } from '../../../../src-renderer/stores/sampling'
import type { Comparison } from '../../../../src-shared/records/comparison'
import type { GeneratedPiece } from '../../../../src-shared/records/sample'
import { StudioFailure } from '../../../../src-shared/result'
import { channel, fakeApi, settled } from '../../../helpers/fake-api'
import { inPage } from '../../../helpers/in-page'

const piece = (
  side: 'left' | 'right',
  text: string,
  tokens: number,
  end?: GeneratedPiece['end'],
): GeneratedPiece => ({ side, text, tokens, ...(end && { end }) })
const ended = (sampleId: string, hasEnded = true): GeneratedPiece['end'] => ({
  sampleId,
  hasEnded,
  tokensASecond: 61.4,
})
const prompts = ['Say: ', 'Tell: ', 'Say: ', 'Ask: ']

function bench() {
  const writing = channel<GeneratedPiece>()
  const api = fakeApi({
    calls: {
      'datasets.page': () => ({
        total: 4,
        rows: prompts.map((prompt, index) => ({
          id: index,
          datasetId: 'd',
          row: index + 1,
          prompt,
          isFlagged: false,
        })),
      }),
      'samples.compare': ({ queueId }): Comparison => {
        if (queueId === 'full') throw new StudioFailure({ kind: 'storage', problem: 'The disk is full.' })
        return {
          id: 'k',
          queueId,
          place: 9,
          prompt: '',
          left: { text: '', tokens: 0, hasEnded: true },
          right: { text: '', tokens: 0, hasEnded: true },
        }
      },
    },
    streams: { 'samples.generate': writing.items },
  })
  const page = inPage(api, useCompare)
  leave = page.leave
  const compare = page.store
  compare.pick('left', 'c1')
  compare.pick('right', 'c2')
  return {
    api,
    compare,
    writing,
    generated: () =>
      api.asked.filter((asked) => asked.name === 'samples.generate').map((asked) => asked.input),
  }
}
let leave = () => {}
beforeEach(() => localStorage.clear())
afterEach(() => leave())

describe('what was chosen', () => {
  it('survives a reload: sides, prompt, sampling, weights, and that names are hidden', async () => {
    const { compare } = bench()
    compare.prompt = 'Once'
    compare.setText('temperature', '0.8')
    compare.weights = '8-bit'
    compare.isBlind = true
    await settled()
    leave()
    const { store, leave: leaveAgain } = inPage(fakeApi({}), useCompare)
    leave = leaveAgain
    expect([store.sides.left.checkpointId, store.sides.right.checkpointId]).toEqual(['c1', 'c2'])
    expect([store.prompt, store.texts.temperature, store.weights, store.isBlind]).toEqual([
      'Once',
      '0.8',
      '8-bit',
      true,
    ])
  })

  it('is as usual where what was kept is damaged', () => {
    localStorage.setItem('studio-compare-sampling', '{"temperature":3,"seed":"11"}')
    localStorage.setItem('studio-compare-sides', '"x"')
    localStorage.setItem('studio-compare-weights', '"4-bit"')
    const { compare } = bench()
    expect([compare.texts.temperature, compare.texts.seed]).toEqual(['1', '11'])
    expect(compare.weights).toBe('as-they-are')
  })
})

describe('comparing', () => {
  it('asks for both sides with one prompt, one seed and the settings that stand in the form', async () => {
    const { compare, generated } = bench()
    compare.prompt = 'Once'
    compare.setText('temperature', '0.8')
    void compare.generate()
    await settled()
    expect(generated()).toEqual([
      {
        prompt: 'Once',
        leftCheckpointId: 'c1',
        rightCheckpointId: 'c2',
        sampling: { temperature: 0.8, topK: 0, topP: 1, maxTokens: 64, seed: 7 },
        weights: 'as-they-are',
      },
    ])
    compare.weights = '8-bit'
    void compare.generate()
    await settled()
    expect(generated()[1]).toMatchObject({ weights: '8-bit' })
    expect(generated()[1]).not.toHaveProperty('withChances')
    compare.isHeat = true
    void compare.generate()
    await settled()
    expect(generated()[2]).toMatchObject({ withChances: true })
  })

  it('appends each side’s text as it comes and says how it ended', async () => {
    const { compare, writing } = bench()
    void compare.generate()
    await settled()
    expect([compare.sides.left.state, compare.isWriting]).toEqual(['waiting', true])
    writing.push(piece('left', 'The ', 4))
    writing.push(piece('right', 'A', 1))
    writing.push(piece('left', 'cat', 7, ended('s1')))
    await settled()
    expect([
      compare.sides.left.text,
      compare.sides.left.state,
      compare.sides.right.text,
      compare.sides.right.state,
    ]).toEqual(['The cat', 'ended', 'A', 'writing'])
    writing.push(piece('right', ' dog', 5, ended('s2', false)))
    writing.end()
    await settled()
    expect([compare.sides.right.state, compare.sides.right.tokensASecond, compare.isWriting]).toEqual([
      'cut',
      61.4,
      false,
    ])
  })

  it('stops writing when another prompt comes, and keeps what stands', async () => {
    const { compare, writing } = bench()
    await compare.loadPrompts('d')
    void compare.generate()
    await settled()
    writing.push(piece('left', 'The', 3))
    await settled()
    compare.nextPrompt()
    await settled()
    expect([writing.listeners(), compare.sides.left.state, compare.sides.left.text]).toEqual([
      0,
      'stopped',
      'The',
    ])
  })

  it('hears nothing of the writing before', async () => {
    const { compare, writing } = bench()
    void compare.generate()
    await settled()
    void compare.generate()
    await settled()
    writing.push(piece('left', 'new', 3))
    await settled()
    expect([writing.listeners(), compare.sides.left.text]).toEqual([1, 'new'])
  })

  it('says why nothing was written', async () => {
    const { compare, writing } = bench()
    void compare.generate()
    await settled()
    writing.end({ kind: 'compute-failed', problem: 'The prompt has 70 tokens and the checkpoint reads 64.' })
    await settled()
    expect([compare.failure, compare.isWriting, compare.sides.left.state]).toEqual([
      'The prompt has 70 tokens and the checkpoint reads 64.',
      false,
      'stopped',
    ])
  })

  it('goes through the prompts of a dataset, each once, and begins again after the last', async () => {
    const { compare } = bench()
    await compare.loadPrompts('d')
    const seen = [compare.prompt]
    for (let i = 0; i < 3; i++) {
      compare.nextPrompt()
      seen.push(compare.prompt)
    }
    expect(seen).toEqual(['Say: ', 'Tell: ', 'Ask: ', 'Say: '])
  })

  it('swaps the sides with all that they wrote', async () => {
    const { compare, writing } = bench()
    void compare.generate()
    await settled()
    writing.push(piece('left', 'one', 3, ended('s1')))
    writing.push(piece('right', 'two', 3, ended('s2')))
    writing.end()
    await settled()
    compare.swap()
    expect([compare.sides.left.text, compare.sides.left.checkpointId, compare.sides.right.text]).toEqual([
      'two',
      'c2',
      'one',
    ])
  })
})

describe('making a comparison of two completions', () => {
  async function written() {
    const one = bench()
    void one.compare.generate()
    await settled()
    one.writing.push(piece('left', 'one', 3, ended('s1')))
    one.writing.push(piece('right', 'two', 3, ended('s2')))
    one.writing.end()
    await settled()
    return one
  }

  it('sends the two ids and no text', async () => {
    const { api, compare } = await written()
    expect(await compare.makeComparison('q')).toBeUndefined()
    expect(api.asked.at(-1)).toEqual({
      name: 'samples.compare',
      input: { queueId: 'q', leftSampleId: 's1', rightSampleId: 's2' },
    })
    expect(compare.made?.comparison.place).toBe(9)
  })

  it('waits for both sides to end', async () => {
    const { compare } = bench()
    expect(compare.canCompare).toBe(false)
    expect(await compare.makeComparison('q')).toBe('Let both sides end first.')
  })

  it('hands on why it was not kept', async () => {
    const { compare } = await written()
    expect(await compare.makeComparison('full')).toBe('The disk is full.')
    expect(compare.made).toBeUndefined()
  })
})

describe('comparing blind', () => {
  it('draws the sides anew for each writing and hides the names until they are asked for', async () => {
    const { compare, writing } = bench()
    compare.isBlind = true
    const lefts = new Set<string | undefined>()
    for (let i = 0; i < 40; i++) {
      void compare.generate()
      lefts.add(compare.shown.left.checkpointId)
    }
    expect([...lefts].sort()).toEqual(['c1', 'c2']) // 40 fair draws are all alike once in 2³⁹
    expect(compare.areNamesHidden).toBe(true)
    compare.reveal()
    expect(compare.areNamesHidden).toBe(false)
    writing.end()
  })

  it('hides them again with the next writing', async () => {
    const { compare } = bench()
    compare.isBlind = true
    compare.reveal()
    void compare.generate()
    expect(compare.areNamesHidden).toBe(true)
  })
})

describe('the sampling settings', () => {
  it('hold as they stand at first', () => {
    expect(parseSampling(plainSampling)).toEqual({
      sampling: { temperature: 1, topK: 0, topP: 1, maxTokens: 64, seed: 7 },
      problems: {},
    })
  })

  it.each([
    ['temperature', '-1', 'must be between 0 and 10'],
    ['temperature', 'hot', 'must be a number'],
    ['temperature', '', 'must be a number'],
    ['topK', '1.5', 'must be a whole number'],
    ['topK', '-3', 'must be between 0 and 1,000,000 tokens'],
    ['topP', '0', 'must be above 0, at most 1'],
    ['topP', '1.1', 'must be above 0, at most 1'],
    ['maxTokens', '0', 'must be between 1 and 100,000 tokens'],
    ['seed', '-1', 'must be between 0 and 4,294,967,295'],
    ['minP', '2', 'must be between 0 and 1'],
    ['repetitionPenalty', '0', 'must be above 0, at most 10'],
    ['stop', 'a,', 'must have a text on each side of a comma; a comma itself is written \\,'],
  ] as const)('refuse %s “%s”: it %s', (name, text, problem) => {
    expect(parseSampling({ ...plainSampling, [name]: text })).toEqual({ problems: { [name]: problem } })
  })

  it('keep anything from being written while one is refused', async () => {
    const { compare, generated } = bench()
    compare.setText('topP', '2')
    await compare.generate()
    expect([compare.canGenerate, generated()]).toEqual([false, []])
  })
})
