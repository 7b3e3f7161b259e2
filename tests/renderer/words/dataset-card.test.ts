import { lexer } from 'marked'
import { describe, expect, it } from 'vitest'
import { aDataset } from '../../../src-renderer/dev/records'
import { datasetCard } from '../../../src-renderer/words/dataset-card'
import { markdownOf, type MarkdownNode } from '../../../src-renderer/words/markdown'

const summary = { histograms: [], sources: [], labels: [], usedBy: [] }
const dataset = aDataset({
  ...{ id: 'd', name: 'Answers', kind: 'preferences', origin: 'imported', rows: 1200, excluded: 3 },
  ...{ fileName: 'answers.jsonl', terms: 'CC BY 4.0', createdAtMs: Date.UTC(2026, 3, 5) },
})
const textOf = (node: MarkdownNode): string =>
  typeof node === 'string' ? node : node.in.map(textOf).join('')
const shown = (card: string): string => markdownOf(card).map(textOf).join('\n')

describe('the card of a dataset', () => {
  it('says what it is, where it came from, its terms, and what was read and what was not', () => {
    const reading = {
      columns: { read: [{ column: 'best', as: 'chosen' }], unread: ['year'] },
      notes: ['2 rows were empty.'],
    }
    const card = datasetCard(dataset, { ...summary, reading, usedBy: ['rm-01', 'dpo-02'] })
    for (const said of [
      '# Answers',
      '- Rows: 1,200 preference pairs',
      '- 3 of them left out of training',
      '- Imported from answers.jsonl on 2026-04-05',
      '- Terms: CC BY 4.0',
      '- Column best was read as chosen',
      '- Column year was not read',
      '- 2 rows were empty.',
      '- rm-01\n- dpo-02',
    ])
      expect(card.replaceAll('\\', '')).toContain(said)
  })

  it('says what is not known, and leaves out what there is not', () => {
    const card = datasetCard({ ...dataset, terms: '' }, summary)
    expect(card).toContain('Terms: not known')
    expect(card).toContain('- No run yet')
    expect(card).not.toContain('How it was read')
    expect(card).not.toContain('Tags')
  })

  it('keeps names as the texts they are, whatever signs they have', () => {
    const name = '# 1. *one* [two](x) `three` | <b>four</b> __five__ &amp; ~~six~~ \\'
    const tagged = {
      ...summary,
      tags: [{ tag: '- [ ] seven', rows: 1 }],
      usedBy: ['7) eight', 'a\n\n# nine'],
    }
    const card = datasetCard({ ...dataset, name }, tagged)
    expect(lexer(card)[0]).toMatchObject({ type: 'heading', depth: 1 })
    expect(shown(card)).toContain(name)
    expect(shown(card)).toContain('- [ ] seven: 1 row')
    expect(shown(card)).toContain('7) eight')
    expect(shown(card)).toContain('a # nine')
  })

  it('keeps addresses whole, and says how many more sources there are', () => {
    const sources = Array.from({ length: 25 }, (_, i) => ({ source: `site ${i}`, rows: 1 }))
    const terms = 'from https://example.org/a_b_c#d, MIT'
    const card = datasetCard({ ...dataset, terms }, { ...summary, sources })
    expect(card).toContain('https://example.org/a_b_c#d')
    expect(card).toContain('- and 5 more')
    expect(card).not.toContain('site 20')
  })
})
