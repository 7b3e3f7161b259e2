// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { useQueueDraft } from '../../../src-renderer/stores/queue-draft'
import { fakeApi } from '../../helpers/fake-api'
import { inPage } from '../../helpers/in-page'

let page: { readonly store: ReturnType<typeof useQueueDraft>; readonly leave: () => void }
beforeEach(() => {
  page = inPage(fakeApi({}), useQueueDraft)
})
afterEach(() => page.leave())

describe('the form of a label queue', () => {
  it('is a request for main as soon as nothing is wrong', () => {
    Object.assign(page.store.texts, {
      checkpointId: 'c',
      promptDatasetId: 'p',
      goal: '50',
      temperature: '0.8',
      guidance: 'Happier.',
    })
    expect(page.store.request('Review prompts')).toEqual({
      name: 'Review prompts',
      checkpointId: 'c',
      promptDatasetId: 'p',
      goal: 50,
      guidance: 'Happier.',
      sampling: { temperature: 0.8, topK: 0, topP: 1, maxTokens: 64, seed: 7 },
    })
  })
  it('uses the name that was given', () => {
    page.store.texts.name = '  Mine '
    expect(page.store.request('Review prompts')?.name).toBe('Mine')
  })
  it.each(['0', '-3', '1.5', 'many', '', '1000001'])('refuses a goal of “%s”', (goal) => {
    page.store.texts.goal = goal
    expect(page.store.problems.goal).toBe('must be a whole number from 1 to 1,000,000')
    expect(page.store.request('Review prompts')).toBeUndefined()
  })
  it('refuses a temperature of 0, at which both completions are the same', () => {
    page.store.texts.temperature = '0'
    expect(page.store.problems.temperature).toContain('both completions')
  })
  it('says what main refused at its field until something is changed', async () => {
    page.store.refuse({ kind: 'invalid-input', field: 'sampling.topK', problem: 'must not be 1' })
    expect(page.store.problems.topK).toBe('must not be 1')
    expect(page.store.problem).toBeUndefined()
    page.store.texts.topK = '5'
    await nextTick()
    expect(page.store.problems).toEqual({})
  })
  it('says below the form what belongs to no field', () => {
    page.store.refuse({ kind: 'storage', problem: 'The disk is full.' })
    expect(page.store.problem).toBe('The disk is full.')
  })
})
