/** Examples as trainers take them. */
import { describe, expect, it } from 'vitest'
import {
  demonstrations,
  preferencePairs,
  prompts,
  ratedTexts,
  texts,
} from '../../src-main/data/training-data'
import { asked as askedOf, assistant, system, user } from '../helpers/turns'

const labelled = [
  { completion: 'good', label: 1 },
  { completion: 'bad', label: 0 },
  { completion: 'odd', label: 2 },
]
const asked = [
  { prompt: 'Say: ', completion: 'yes' },
  { prompt: 'Say: ', completion: 'no' },
  { prompt: 'Ask: ', completion: 'why?' },
]
const pairs = [
  { prompt: 'Film: ', completion: 'great', rejected: 'poor' },
  { completion: 'a', rejected: 'b' },
]

describe('examples become', () => {
  it('texts: a demonstration is its prompt and what follows', () => {
    expect(texts([...labelled, ...asked])).toEqual(['good', 'bad', 'odd', 'Say: yes', 'Say: no', 'Ask: why?'])
  })

  it('demonstrations: all, or those of one label and those that have none', () => {
    expect(demonstrations(labelled).map((each) => each.completion)).toEqual(['good', 'bad', 'odd'])
    expect(demonstrations([...labelled, ...asked.slice(2)], '1')).toEqual([
      { prompt: '', completion: 'good' },
      { prompt: 'Ask: ', completion: 'why?' },
    ])
    expect(demonstrations(labelled, '0')).toEqual([{ prompt: '', completion: 'bad' }])
  })

  it('rated texts: those that have a label, which is their rating', () => {
    expect(ratedTexts([...labelled, ...asked])).toEqual([
      { prompt: '', completion: 'good', rating: 1 },
      { prompt: '', completion: 'bad', rating: 0 },
      { prompt: '', completion: 'odd', rating: 2 },
    ])
  })

  it('preference pairs: chosen is the completion', () => {
    expect(preferencePairs(pairs)).toEqual([
      { prompt: 'Film: ', chosen: 'great', rejected: 'poor', margin: 1 },
      { prompt: '', chosen: 'a', rejected: 'b', margin: 1 },
    ])
  })

  it('preference pairs: slightly better has a third of the margin of better', () => {
    const judged = (['better', 'slightly'] as const).map((margin) => ({ ...pairs[0], margin }))
    expect(preferencePairs(judged).map(({ margin }) => margin)).toEqual([1, 1 / 3])
  })

  it('prompts: as often as they were asked, in order', () => {
    expect(prompts([{ prompt: 'Ask: ' }, { prompt: 'Say: ' }, {}, { prompt: 'Ask: ' }])).toEqual([
      'Ask: ',
      'Say: ',
      'Ask: ',
    ])
  })

  it('conversations as they came', () => {
    const prompt = askedOf(system('Be brief.'), user('Egg?'))
    const completion = [assistant('Eight.'), user('Tea?'), assistant('Four.')]
    expect(demonstrations([{ prompt, completion }])).toEqual([{ prompt, completion }])
    expect(preferencePairs([{ prompt, completion, rejected: [assistant('No.')] }])).toEqual([
      { prompt, chosen: completion, rejected: [assistant('No.')], margin: 1 },
    ])
    expect(prompts([{ prompt }])).toEqual([prompt])
  })

  it('whole texts of conversations as transcripts', () => {
    const prompt = askedOf(system('Be brief.'), user('Egg?'))
    expect(texts([{ prompt, completion: [assistant('Eight.'), user('Thanks.')] }])).toEqual([
      'Be brief.\n\nHuman: Egg?\n\nAssistant: Eight.',
    ])
  })

  it('nothing where a kind has nothing to give', () => {
    expect(texts([{ prompt: 'only asked' }])).toEqual([])
    expect(preferencePairs(asked)).toEqual([])
    expect(prompts(labelled)).toEqual([])
  })
})

describe('what is rated', () => {
  it('are the candidates of a ranking, and the beginnings of a solution with labelled steps', () => {
    const ranking = {
      prompt: 'p',
      candidates: [
        { completion: 'a', score: 2 },
        { completion: 'b', score: 1 },
      ],
    }
    const solution = {
      prompt: 'q',
      completion: 'x\ny',
      steps: [
        { text: 'x', label: 1 },
        { text: 'y', label: 0 },
      ],
    }
    expect(ratedTexts([ranking, solution])).toEqual([
      { prompt: 'p', completion: 'a', rating: 2 },
      { prompt: 'p', completion: 'b', rating: 1 },
      { prompt: 'q', completion: 'x', rating: 1 },
      { prompt: 'q', completion: 'x\ny', rating: 0 },
    ])
  })
})
