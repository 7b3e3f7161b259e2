// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import type { ImportPreview } from '../../../src-shared/records/dataset'
import ImportMapping from '../../../src-renderer/components/datasets/ImportMapping.vue'
import ImportNotes from '../../../src-renderer/components/datasets/ImportNotes.vue'
import LengthHistogram from '../../../src-renderer/components/datasets/LengthHistogram.vue'
import TokenLine from '../../../src-renderer/components/datasets/TokenLine.vue'
import VerdictBar from '../../../src-renderer/components/label/VerdictBar.vue'
import { asides, scale } from '../../../src-renderer/words/verdict-words'

describe('a length histogram', () => {
  const histogram = {
    part: 'completion',
    binWidth: 10,
    all: [1, 4, 2],
    matching: [0, 2, 1],
    median: 14,
    percentile95: 28,
  } as const
  it('scales grey bars to the tallest', () => {
    const bars = mount(LengthHistogram, {
      props: { title: 'Text', mark: undefined, histogram, isFiltered: false },
    }).findAll('.histogram > span')
    expect(bars.map((bar) => (bar.element as HTMLElement).style.height)).toEqual(['25%', '100%', '50%'])
  })
  it('says in words what it shows', () => {
    const figure = mount(LengthHistogram, {
      props: { title: 'Text', mark: undefined, histogram, isFiltered: true },
    })
    expect(figure.attributes('aria-label')).toBe(
      'Length of Text: median 14, 95 % at most 28 characters; 3 rows match',
    )
    expect(figure.find('path').exists()).toBe(true)
  })
})

describe('the token line', () => {
  it('makes spaces and line ends visible and names what is unknown', () => {
    const view = {
      tokenizer: '3 characters',
      vocabulary: 4,
      tokens: [
        { id: 1, text: 'a' },
        { id: 2, text: ' ' },
        { id: 3, text: '\n' },
      ],
      unknown: ['é'],
    }
    const line = mount(TokenLine, { props: { view, search: '', hasEnd: true } })
    expect(line.findAll('.tokens span').map((token) => token.text())).toEqual(['a', '·', '⏎', 'end'])
    expect(line.text()).toContain('“é”')
  })
  it('shows the spaces within a token, and marks one that a hit only touches', () => {
    const tokens = [
      { id: 1, text: 'a' },
      { id: 2, text: ' ne' },
      { id: 3, text: 'w' },
      { id: 4, text: ' day\n\n' },
    ]
    const line = mount(TokenLine, {
      props: {
        view: { tokenizer: 'GPT-2', vocabulary: 50_257, tokens, unknown: [] },
        search: 'new',
        hasEnd: false,
      },
    })
    const spans = line.findAll('.tokens span')
    expect(spans.map((token) => token.text())).toEqual(['a', '·ne', 'w', '·day⏎⏎'])
    expect(spans.map((token) => token.classes('hit'))).toEqual([false, true, true, false])
  })
})

describe('a refused import', () => {
  it('says which file, why, and that nothing was kept', () => {
    const notes = mount(ImportNotes, {
      props: {
        nowMs: 0,
        imports: [
          { id: 1, fileName: 'pairs.jsonl', startedAtMs: 0, problem: 'line 41: “chosen” is missing.' },
        ],
      },
    })
    expect(notes.get('[role=alert]').text().replace(/\s+/g, ' ')).toContain(
      'pairs.jsonl was not imported: line 41: “chosen” is missing. Nothing was added.',
    )
  })
})

describe('the verdict bar', () => {
  it('offers the five steps in order and two ways out', async () => {
    const bar = mount(VerdictBar, { props: { lit: undefined, last: undefined, isOn: true } })
    expect(bar.findAll('.verdicts button').map((button) => button.text())).toEqual([
      '1Left better',
      'Shift 1Slightly left',
      'TTie',
      'Shift 2Slightly right',
      '2Right better',
    ])
    for (const button of bar.findAll('button')) await button.trigger('click')
    expect(bar.emitted('judge')?.map(([choice]) => choice)).toEqual([...scale, ...asides])
  })
  it('judges nothing while there is nothing to judge', () => {
    const bar = mount(VerdictBar, { props: { lit: undefined, last: undefined, isOn: false } })
    expect(bar.findAll('button').every((button) => button.attributes('disabled') !== undefined)).toBe(true)
  })
})

describe('a file before it comes in', () => {
  const preview: ImportPreview = {
    columns: [
      { name: 'title', holds: 'Egg?' },
      { name: 'best', holds: 'Eight.' },
    ],
    meanings: ['prompt', 'completion'],
    reading: {
      kind: 'demonstrations',
      columns: { read: [{ column: 'title', as: 'prompt' }], unread: ['best'] },
      examples: [{ prompt: 'Egg?', completion: 'Eight.' }],
    },
  }
  const mapping = (shown: Partial<ImportPreview>, columns = {}) =>
    mount(ImportMapping, {
      props: { fileName: 'a.csv', preview: { ...preview, ...shown }, wish: { columns }, problem: undefined },
    })

  it('shows what each column becomes, by its name or by what was said', () => {
    const page = mapping({}, { completion: 'best' })
    const [first, second] = page.findAll('tbody select')
    expect((first?.element as HTMLSelectElement).value).toBe('')
    expect(first?.text()).toContain('by its name: prompt')
    expect((second?.element as HTMLSelectElement).value).toBe('completion')
  })
  it('shows the first rows as they will be read', () => {
    const rows = mapping({}).findAll('table')[1]
    expect(rows?.find('caption').text()).toContain('Demonstrations')
    expect(rows?.findAll('td').map((cell) => cell.text())).toEqual(['Egg?', 'Eight.'])
  })
  it('tells what a column is to be read as, and by its name again', async () => {
    const page = mapping({})
    const [first] = page.findAll('tbody select')
    await first?.setValue('completion')
    await first?.setValue('')
    expect(page.emitted('read')).toEqual([
      ['title', 'completion'],
      ['title', undefined],
    ])
  })
  it('cannot be imported while nothing reads it, and says why', () => {
    const { reading: _, ...columns } = preview
    const page = mount(ImportMapping, {
      props: {
        fileName: 'a.csv',
        preview: { ...columns, problem: 'no known columns' },
        wish: {},
        problem: undefined,
      },
    })
    expect(page.text()).toContain('no known columns')
    expect(page.find('.button.primary').attributes('disabled')).toBeDefined()
  })
})
