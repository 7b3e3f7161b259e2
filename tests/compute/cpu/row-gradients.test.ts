import { describe, expect, it } from 'vitest'
import type { Graph } from '../../../src-main/compute/graph/graph'
import { lower } from '../../../src-main/compute/lower/lower'
import { addingRows, withoutRowSums } from '../../../src-main/compute/cpu/row-gradients'
import { openSession } from '../../../src-main/compute/cpu/cpu-session'
import { runSession, type Session } from '../../../src-main/compute/session'
import { simplify } from '../../../src-main/compute/graph/simplify'
import * as tf from '../../../src-main/compute/tf'
import { trace } from '../../../src-main/compute/recording/trace'

const rows = 5
const width = 3
const table = Float32Array.from({ length: rows * width }, (_, i) => i)
/** Row 1 twice, an id below and one above the table. */
const ids = Int32Array.of(1, 4, 1, -1, 5)
const values = Float32Array.from({ length: ids.length * width }, (_, i) => 100 * (i + 1))

function recorded(body: (table: tf.Tensor, rowSum: tf.Tensor) => tf.Tensor): Graph {
  return simplify(
    trace(
      [
        { kind: 'input', name: 'table', shape: [rows, width], dtype: 'float32' },
        { kind: 'input', name: 'ids', shape: [ids.length], dtype: 'int32' },
        { kind: 'input', name: 'values', shape: [ids.length, width], dtype: 'float32' },
      ],
      ({ table, ids, values }) => ({
        sum: body(table as tf.Tensor, tf.unsortedSegmentSum(values as tf.Tensor, ids as tf.Tensor1D, rows)),
      }),
    ),
  )
}

const feeds = {
  table: { shape: [rows, width], data: table },
  ids: { shape: [ids.length], data: ids },
  values: { shape: [ids.length, width], data: values },
}

function resultOf(session: Session): ArrayLike<number> {
  const { sum, ...others } = runSession(session, feeds, {
    sum: { shape: [rows, width], data: new Float32Array(rows * width).fill(7) },
  })
  expect(Object.keys(others)).toEqual([])
  expect(session.outputs).toEqual(['sum'])
  session.dispose()
  return sum?.data ?? []
}

const kernels = (graph: Graph) => graph.nodes.map(({ kernel }) => kernel)

describe('sums by row', () => {
  const sums: Record<string, (table: tf.Tensor, rowSum: tf.Tensor) => tf.Tensor> = {
    alone: (_, rowSum) => rowSum,
    'on top of another tensor': (table, rowSum) => tf.add(tf.square(table), rowSum),
    'among several terms': (table, rowSum) =>
      tf.addN([tf.neg(table), tf.add(rowSum, table), tf.square(table)]),
    twice: (table, rowSum) => tf.add(tf.add(rowSum, table), rowSum),
  }

  it.each(Object.entries(sums))('%s leave the graph and are added on the host', (_, body) => {
    const dense = recorded(body)
    const { graph, rows } = withoutRowSums(dense, () => true)
    expect(rows.length).toBeGreaterThan(0)
    expect(kernels(graph)).not.toContain('UnsortedSegmentSum')
    expect(resultOf(addingRows(openSession(lower(graph), { threads: 2 }), rows))).toEqual(
      resultOf(openSession(lower(dense), { threads: 2 })),
    )
  })

  it('stay where something is computed from them', () => {
    const dense = recorded((table, rowSum) => tf.mul(table, rowSum))
    expect(withoutRowSums(dense, () => true).rows).toEqual([])
  })

  it('stay in outputs that are not asked about', () => {
    const { graph, rows } = withoutRowSums(
      recorded((table, rowSum) => tf.add(table, rowSum)),
      () => false,
    )
    expect(rows).toEqual([])
    expect(kernels(graph)).toContain('UnsortedSegmentSum')
  })
})
