import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { layOut, type GraphEdge } from '../../../src-renderer/charts/graph-layout'

const edgesOf = (text: string): readonly GraphEdge[] =>
  text.split(' ').map((edge) => ({ from: edge.charAt(0), to: edge.charAt(1) }))
const layersOf = (text: string, ids = [...new Set(text.replaceAll(' ', ''))]) =>
  Object.fromEntries(layOut(ids, edgesOf(text)).nodes.map(({ id, layer }) => [id, layer]))

describe('the layout of a graph', () => {
  it('puts each node one layer behind the last of what feeds it', () => {
    // a → b → c, and a → c: c stands behind b
    expect(layersOf('ab bc ac')).toEqual({ a: 0, b: 1, c: 2 })
  })

  it('leads a line that passes a layer through a row of its own', () => {
    const { nodes, edges } = layOut(['a', 'b', 'c'], edgesOf('ab bc ac'))
    const long = edges.find(({ from, to }) => from === 'a' && to === 'c')
    expect(long?.rows.length).toBe(2)
    expect(long?.rows[0]).not.toBe(nodes.find(({ id }) => id === 'b')?.row)
  })

  it('uncrosses what can be uncrossed', () => {
    // a–d and b–c cross as they came: c, d stand the other way round
    const { nodes } = layOut(['a', 'b', 'c', 'd'], edgesOf('ad bc'))
    const row = (id: string) => nodes.find((node) => node.id === id)?.row
    expect(row('a')! < row('b')!).toBe(row('d')! < row('c')!)
  })

  it('ends where lines run in a circle, and leaves out edges to what is not there', () => {
    // of the two one is drawn
    expect(layOut(['a', 'b'], edgesOf('ab ba ax aa')).edges.map(({ rows }) => rows)).toEqual([[0]])
  })

  it('is empty for nothing', () =>
    expect(layOut([], [])).toEqual({ nodes: [], edges: [], layers: 0, rows: 0 }))

  it('never stands two things in one place, and lets every line go to the right', () => {
    const ids = [...'abcdefghij']
    const edge = fc.record({ from: fc.constantFrom(...ids), to: fc.constantFrom(...ids) })
    fc.assert(
      fc.property(fc.array(edge, { maxLength: 25 }), (edges) => {
        const { nodes, edges: placed } = layOut(ids, edges)
        expect(new Set(nodes.map(({ layer, row }) => `${layer} ${row}`)).size).toBe(ids.length)
        const layer = new Map(nodes.map((node) => [node.id, node.layer]))
        for (const { from, to, rows } of placed) expect(layer.get(to)! - layer.get(from)!).toBe(rows.length)
      }),
      { numRuns: 60 },
    )
  })
})
