/** How a page of help is read when the studio is built. */
import { describe, expect, it } from 'vitest'
// @ts-expect-error a script without types
import { anchorOf, readPage } from '../../scripts/help-pages.mjs'

const read = (text: string) => readPage(text, 'a.md')
const one = async (text: string) => (await read(text)).blocks[0]

describe('a page of help', () => {
  it('is called as its heading says', async () => {
    expect((await read('# The `compute` engine\n\nText.')).title).toBe('The compute engine')
  })

  it('is a tree of elements with anchors as code hosts make them', async () => {
    expect(await one('## How the CPU runs a graph')).toEqual({
      tag: 'h2',
      is: { id: 'how-the-cpu-runs-a-graph' },
      in: ['How the CPU runs a graph'],
    })
    expect(anchorOf('8-bit weights, & more (ours)')).toBe('8-bit-weights--more-ours')
  })

  it('keeps signs that HTML would read otherwise', async () => {
    expect((await one('a < b & `c > "d"`')).in).toEqual([
      'a < b & ',
      { tag: 'code', is: {}, in: ['c > "d"'] },
    ])
  })

  it('has lists within lists, tables and diagrams', async () => {
    expect((await one('- a\n  - b')).in[0]).toEqual({
      tag: 'li',
      is: {},
      in: ['a', { tag: 'ul', is: {}, in: [{ tag: 'li', is: {}, in: ['b'] }] }],
    })
    expect((await one('| a |\n|---|\n| **b** |')).in.map((part: { tag: string }) => part.tag)).toEqual([
      'thead',
      'tbody',
    ])
    expect(await one('```text\na ─▶ b\n```')).toEqual({
      tag: 'pre',
      is: {},
      in: [{ tag: 'code', is: {}, in: ['a ─▶ b'] }],
    })
  })

  it('counts its images, each once', async () => {
    const page = await read('![one](images/a.svg) ![two](images/b.png) ![one](images/a.svg)')
    expect(page.images).toEqual(['images/a.svg', 'images/b.png'])
    expect(page.blocks[0].in.at(-1).is).toEqual({ image: 0, alt: 'one' })
  })

  it('leaves comments out, and refuses raw HTML by name', async () => {
    expect((await read('<!-- demo -->\n\nText.')).blocks).toHaveLength(1)
    await expect(read('<img src=x onerror=alert(1)>')).rejects.toThrow(
      'a.md: Help does not show raw HTML: <img src=x',
    )
    await expect(read('a <b>b</b>')).rejects.toThrow('a.md: Help does not show raw HTML: <b>')
  })
})
