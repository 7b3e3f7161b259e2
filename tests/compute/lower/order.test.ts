import { describe, expect, it } from 'vitest'
import { GRADIENT, recordingsOf, withGradients } from '../../../src-main/compute/recording/graphs'
import { lower } from '../../../src-main/compute/lower/lower'
import { leavesLast } from '../../../src-main/compute/lower/order'
import type { OnnxNode } from '../../../src-main/compute/lower/onnx'
import { batch, lossOf, spec } from '../../../src-main/compute/selftest/transformer'

const names = Object.keys(spec)
const model = lower(recordingsOf(withGradients(lossOf, names))(spec, batch(1)))
/** As they were recorded, forward and then backward. */
const recorded = [...model.graph.nodes].sort((a, b) => numberOf(a) - numberOf(b))

/** Nodes are numbered as they are emitted: "Gemm_12", "Split_3_0". */
function numberOf({ outputs: [first = ''] }: OnnxNode): number {
  return Number(first.split('_')[1])
}

/**
 * The order in which ONNX Runtime 1.30 runs nodes: depth first from those nobody reads, the last first; of a
 * node's operands the last in the file first (GraphViewer, Graph::ReverseDFSFrom).
 */
function asItRuns(nodes: readonly OnnxNode[]): OnnxNode[] {
  const makers = new Map(
    nodes.flatMap((node, index) => node.outputs.map((output) => [output, index] as const)),
  )
  const read = new Set(nodes.flatMap(({ inputs }) => inputs))
  const seen = new Set<number>()
  const order: OnnxNode[] = []
  const visit = (index: number): void => {
    if (seen.has(index)) return
    seen.add(index)
    const operands = nodes[index]!.inputs.flatMap((input) => makers.get(input) ?? [])
    for (const operand of [...new Set(operands)].sort((a, b) => b - a)) visit(operand)
    order.push(nodes[index]!)
  }
  nodes
    .map((_, index) => index)
    .filter((index) => !nodes[index]!.outputs.some((output) => read.has(output)))
    .reverse()
    .forEach(visit)
  return order
}

/** When each gradient is made, as shares of the whole run, sorted. */
function timesOfGradients(nodes: readonly OnnxNode[]): number[] {
  const order = asItRuns(nodes)
  const wanted = names.map((name) => model.outputs.get(GRADIENT + name))
  return wanted
    .map((output) => (order.findIndex(({ outputs }) => outputs.includes(output!)) + 1) / order.length)
    .sort((a, b) => a - b)
}

describe('the order of a model’s nodes', () => {
  it('is one in which they can be computed, and has each of them once', () => {
    const written = leavesLast(recorded)
    const known = new Set([...model.graph.inputs, ...model.graph.constants].map(({ name }) => name))
    for (const { inputs, outputs } of written) {
      expect(inputs.filter((input) => !known.has(input))).toEqual([])
      for (const output of outputs) known.add(output)
    }
    expect([...written].sort((a, b) => numberOf(a) - numberOf(b))).toEqual(recorded)
  })

  it('lets gradients be made all along the way back, instead of all at its end', () => {
    const early = (times: readonly number[]) => times.filter((time) => time < 0.75).length / times.length
    expect(early(timesOfGradients(recorded))).toBeLessThan(0.05)
    expect(early(timesOfGradients(model.graph.nodes))).toBeGreaterThan(0.4)
    expect(leavesLast(recorded)).toEqual(model.graph.nodes)
  })
})
