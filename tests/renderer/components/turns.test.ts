// @vitest-environment happy-dom
import { enableAutoUnmount, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import PromptBar from '../../../src-renderer/components/compare/PromptBar.vue'
import ExampleInspector from '../../../src-renderer/components/datasets/ExampleInspector.vue'
import TurnList from '../../../src-renderer/components/turns/TurnList.vue'
import { lineOf } from '../../../src-renderer/words/turn-words'
import type { Conversation, Turn } from '../../../src-shared/records/turn'
import { asked, assistant, system, user } from '../../helpers/turns'

enableAutoUnmount(afterEach)

const call: Turn = {
  role: 'assistant',
  content: '',
  reasoning: 'Look it up.',
  toolCalls: [{ name: 'weather', arguments: { city: 'Rome' } }],
}
const answer: Turn = { role: 'tool', content: '21', toolName: 'weather' }
const listed = (said: Conversation | readonly Turn[], search = '') =>
  mount(TurnList, { props: { said, label: 'Prompt', search } })

describe('a list of turns', () => {
  it('says who speaks, in the order in which they do', () => {
    const list = listed([
      system('Be brief.'),
      user('Warm?'),
      call,
      answer,
      { role: 'narrator', content: 'Night.' },
    ])
    expect(list.findAll('.turn > b').map((role) => role.text())).toEqual([
      'System',
      'User',
      'Assistant',
      'Tool result from weather',
      'narrator',
    ])
    expect(list.find('ol').attributes('aria-label')).toBe('Prompt')
  })

  it('lets each text say in which direction it runs', () => {
    const texts = listed([user('\u05e9\u05dc\u05d5\u05dd'), answer]).findAll('p, pre')
    expect(texts.map((text) => text.attributes('dir'))).toEqual(['auto', 'auto'])
  })

  it('folds thoughts and calls, and opens those that were searched', () => {
    const folds = (search: string) =>
      listed([call], search)
        .findAll('details')
        .map((fold) => [fold.find('summary').text(), fold.attributes('open') !== undefined])
    expect(folds('')).toEqual([
      ['Thought', false],
      ['Calls weather', false],
    ])
    expect(folds('rome')).toEqual([
      ['Thought', false],
      ['Calls weather', true],
    ])
  })

  it('folds a long system prompt behind its beginning, and leaves what people say', () => {
    const long = 'Never promise a day. '.repeat(40)
    const list = listed([system(long), user(long)])
    expect(list.findAll('summary').map((line) => line.text())).toEqual([`${long.slice(0, 80)} …`])
    expect(list.findAll('.turn')[1]?.find('details').exists()).toBe(false)
  })

  it('has what a template is told beside them', () => {
    const list = listed({
      turns: [user('Warm?')],
      tools: [{ name: 'weather' }],
      templateArguments: { thinking: false },
    })
    expect(list.find('summary').text()).toBe('1 tool')
    expect(list.find('code').text()).toBe('thinking = false')
  })

  it('marks what was searched', () => {
    expect(
      listed([user('Warm in Rome?')], 'rom')
        .find('mark')
        .text(),
    ).toBe('Rome')
  })
})

describe('the line of a conversation', () => {
  it('is what was asked last; all of it while something is searched', () => {
    const prompt = asked(system('Be brief.'), user('Egg?'), assistant('Eight.'), user('Tea?'))
    expect(lineOf(prompt)).toBe('Tea?')
    expect(lineOf(prompt, 'egg')).toContain('Egg?')
    expect(lineOf([assistant('Eight.'), user('Tea?')])).toBe('Eight.\n\nTea?')
    expect(lineOf('a text')).toBe('a text')
  })
})

describe('the inspector of an example', () => {
  it('shows turns as turns, and asks for tokens of texts alone', async () => {
    const askedFor: string[] = []
    const pane = mount(ExampleInspector, {
      props: {
        kind: 'demonstrations',
        example: {
          id: 1,
          datasetId: 'd',
          row: 1,
          isFlagged: false,
          prompt: asked(user('Egg?')),
          completion: 'Eight.',
        },
        search: '',
        tokenizers: [],
        renderedOf: () => Promise.resolve('not asked'),
        tokensOf: async (text: string) => {
          askedFor.push(text)
          return undefined
        },
      },
    })
    expect(pane.find('.turns').text()).toContain('Egg?')
    expect(askedFor).toEqual(['Eight.'])
  })
})

describe('the prompt of Compare', () => {
  it('shows a conversation, and takes a text instead when it is asked to', async () => {
    const bar = mount(PromptBar, {
      props: { prompt: asked(user('Egg?')), sources: [], sourceId: undefined, count: 1, place: 1 },
    })
    expect(bar.find('textarea').exists()).toBe(false)
    expect(bar.find('.turns').text()).toContain('Egg?')
    await bar
      .findAll('button')
      .find((button) => button.text() === 'Write another')!
      .trigger('click')
    expect(bar.emitted('change')).toEqual([['']])
  })
})
