import { describe, expect, it } from 'vitest'
import { steppedTexts } from '../../src-main/data/stepped'
import { splitSteps } from '../../src-main/model/steps'

const row = (completion: string, rating: number, prompt = 'p') => ({ prompt, completion, rating })

describe('solutions with labelled steps', () => {
  it('are put together out of their beginnings, whatever order those stand in', () => {
    const rows = [row('a\nb\nc', 0), row('a', 1), row('a\nb', 1)]
    expect(steppedTexts(rows, splitSteps)).toEqual([
      { prompt: 'p', completion: 'a\nb\nc', labels: [1, 1, 0] },
    ])
  })

  it('share a beginning, and differ after it', () => {
    const rows = [row('a', 1), row('a\nb', 1), row('a\nc', 0)]
    expect(steppedTexts(rows, splitSteps).map(({ completion, labels }) => [completion, labels])).toEqual([
      ['a\nb', [1, 1]],
      ['a\nc', [1, 0]],
    ])
  })

  it('say nothing of a step that nobody labelled, and the mean of what several said', () => {
    const rows = [row('a\nb', 0), row('a\nb', 1), row('a\nb', 1), row('a\nb', 0)]
    expect(steppedTexts(rows, splitSteps)).toEqual([
      { prompt: 'p', completion: 'a\nb', labels: [undefined, 0.5] },
    ])
  })

  it('are of one prompt', () => {
    expect(steppedTexts([row('a', 1), row('a\nb', 0, 'q')], splitSteps)).toHaveLength(2)
  })

  it('are told apart by their steps, not by the line ends around them', () => {
    expect(steppedTexts([row('a\n', 1), row('a\n\nb', 0)], splitSteps)).toEqual([
      { prompt: 'p', completion: 'a\n\nb', labels: [1, 0] },
    ])
  })
})

describe('the steps of a text', () => {
  it.each([
    ['a\nb', ['a\n', 'b']],
    ['a\n\n\nb\n', ['a\n\n\n', 'b\n']],
    ['\na', ['\na']],
    ['', ['']],
    ['\n', ['\n']],
  ])('%j are %j, and joined they are the text', (text, steps) => {
    expect(splitSteps(text)).toEqual(steps)
    expect(splitSteps(text).join('')).toBe(text)
  })
})
