/** Conversations in the registry: stored as they came, searched and measured as text. */
import { describe, expect, it } from 'vitest'
import { summaryOf } from '../../src-main/store/dataset-summary'
import { addComparisons, comparisonOf, comparisonOfTexts } from '../../src-main/store/comparisons'
import { examplesOf, pageOfExamples } from '../../src-main/store/examples'
import { judge, labelProgress } from '../../src-main/store/judgments'
import { findSample, insertSamples } from '../../src-main/store/samples'
import type { WritableDb } from '../../src-main/store/handle'
import type { Example, ExampleFilter, ExampleParts } from '../../src-shared/records/example'
import type { Conversation, Turn } from '../../src-shared/records/turn'
import { testQueue } from '../helpers/labels'
import { importedDataset, testRegistry } from '../helpers/registry'
import { asked, assistant, system, user } from '../helpers/turns'

const weather: Conversation = {
  turns: [system('Be brief.'), user('How warm is it in Rome?')],
  tools: [{ name: 'weather', parameters: { city: { type: 'string' } } }],
  templateArguments: { enable_thinking: true },
}
const looked: readonly Turn[] = [
  {
    role: 'assistant',
    content: '',
    reasoning: 'Look it up.',
    toolCalls: [{ id: 'c1', name: 'weather', arguments: { city: 'Rome', units: ['C'] } }],
  },
  { role: 'tool', content: '21', toolName: 'weather', toolCallId: 'c1' },
  assistant('Twenty-one degrees.'),
]
const examples: readonly ExampleParts[] = [
  { prompt: weather, completion: looked },
  { prompt: 'Tea?', completion: 'Four minutes.' },
  { prompt: asked(user('Egg?')), completion: 'Eight.' },
  { completion: looked },
]

const partsIn = (db: WritableDb, id: string) =>
  [...examplesOf(db, id)].map(({ prompt, completion }: Example) => ({
    ...(prompt !== undefined && { prompt }),
    ...(completion !== undefined && { completion }),
  }))

describe('a conversation in the registry', () => {
  it('comes back as it was stored, beside texts that stay texts', () => {
    const db = testRegistry()
    const { id } = importedDataset(db, 'demonstrations', examples)
    expect(partsIn(db, id)).toEqual(examples)
    expect(pageOfExamples(db, id, { filter: { search: '' }, offset: 0, limit: 1 }).rows[0]).toMatchObject(
      examples[0]!,
    )
  })

  it('is found by a word of any of its turns, of a thought and of a call', () => {
    const db = testRegistry()
    const { id } = importedDataset(db, 'demonstrations', examples)
    const rows = (filter: ExampleFilter) =>
      pageOfExamples(db, id, { filter, offset: 0, limit: 9 }).rows.map(({ row }) => row)
    expect(rows({ search: 'brief' })).toEqual([1])
    expect(rows({ search: 'warm rome' })).toEqual([1])
    expect(rows({ search: 'look' })).toEqual([1, 4])
    expect(rows({ search: 'units' })).toEqual([1, 4])
    expect(rows({ search: '"city":"Rome"' })).toEqual([1, 4])
    expect(rows({ search: 'reasoning' })).toEqual([]) // names of parts are no text
    expect(rows({ search: 'assistant' })).toEqual([])
  })

  it('is measured by what it says', () => {
    const db = testRegistry()
    const { id } = importedDataset(db, 'demonstrations', [
      { prompt: asked(user('1234'), user('56')), completion: [assistant('1🙂')] },
    ])
    const { histograms } = summaryOf(db, id, { search: '' })
    expect(histograms.map(({ part, median }) => [part, median])).toEqual([
      ['prompt', 8],
      ['completion', 2],
    ])
    const filter = { search: '', minCharacters: 10, maxCharacters: 10 }
    expect(pageOfExamples(db, id, { filter, offset: 0, limit: 9 }).total).toBe(1)
  })

  it('is other content than the text that it says, and than one with other tools', () => {
    const db = testRegistry()
    const ids = [
      { prompt: 'Egg?', completion: 'Eight.' },
      { prompt: asked(user('Egg?')), completion: 'Eight.' },
      { prompt: asked(system('Egg?')), completion: 'Eight.' },
      { prompt: { turns: [user('Egg?')], tools: [{ name: 'w' }] }, completion: 'Eight.' },
    ].map((example) => importedDataset(db, 'demonstrations', [example]).id)
    expect(new Set(ids).size).toBe(4)
    expect(
      importedDataset(db, 'demonstrations', [{ prompt: asked(user('Egg?')), completion: 'Eight.' }]).id,
    ).toBe(ids[1])
  })
})

describe('a comparison of completions of a conversation', () => {
  const side = (text: string) => ({ text, tokens: 2, hasEnded: true })
  const prompt = asked(system('Be brief.'), user('Egg?'))

  function judged(db: WritableDb) {
    const { queue } = testQueue(db)
    const [made] = addComparisons(db, queue.id, [{ prompt, left: side('Eight.'), right: side('No.') }], 1)
    judge(db, { comparisonId: made!.id, verdict: 'right', window: 'one', judgedAtMs: 2 })
    return { queue, made: made! }
  }

  it('keeps its turns, and makes a pair that has them', () => {
    const db = testRegistry()
    const { queue, made } = judged(db)
    expect(comparisonOf(db, made.id).prompt).toEqual(prompt)
    expect([...examplesOf(db, queue.datasetId)]).toMatchObject([
      { prompt, completion: 'No.', rejected: 'Eight.' },
    ])
    const filter = { search: 'brief' }
    expect(pageOfExamples(db, queue.datasetId, { filter, offset: 0, limit: 9 }).total).toBe(1)
  })

  it('is told in a verdict by what it says', () => {
    const db = testRegistry()
    const { queue } = judged(db)
    expect(labelProgress(db, queue.id).recent[0]?.prompt).toBe('Be brief.\n\nEgg?')
  })

  it('is another one than that of the same words by others', () => {
    const db = testRegistry()
    const { queue, made } = judged(db)
    const texts = ['No.', 'Eight.'] as const
    expect(comparisonOfTexts(db, queue.id, prompt, texts)?.id).toBe(made.id)
    expect(comparisonOfTexts(db, queue.id, asked(user('Be brief.'), user('Egg?')), texts)).toBeUndefined()
    expect(comparisonOfTexts(db, queue.id, 'Be brief.\n\nEgg?', texts)).toBeUndefined()
  })
})

describe('a sample of a conversation', () => {
  it('keeps its turns', () => {
    const db = testRegistry()
    const [kept] = insertSamples(db, [
      { step: 1, prompt: weather, completion: 'x', tokens: 1, hasEnded: true },
    ])
    expect(findSample(db, kept!.id)?.prompt).toEqual(weather)
  })
})
