/**
 * Weights that are held in 8 bits, written out in float32 where a graph reads them: once for each node that does, just
 * before it (`order.ts`), so that no more than one or two are there at a time. Rows that are looked up are written out
 * alone (`rowsWrittenOut`).
 */
import { BLOCK, ZERO, type EightBitMatrix, type HeldWeight } from '../eight-bits'
import { inputOf, newNode, type Attributes, type Graph, type Node, type Value } from '../graph/graph'
import { sizeOf } from '../parameters'
import type { Emitter } from './emitter'
import type { FrozenInput, FrozenInputs } from './frozen-inputs'
import { FEWEST_NUMBERS_FOR_EIGHT_BITS } from './gemm'
import { productInPieces } from './large-weights'
import { lengthAt, type Table } from './row'

/** The graph with a node of its own for each reading of what is held in 8 bits. */
export function withWeightsWrittenOut(graph: Graph, frozen: FrozenInputs): Graph {
  if (![...frozen.values()].some(({ held }) => held)) return graph
  const standsFor = new Map<Value, Value>()
  const now = (value: Value) => standsFor.get(value) ?? value
  const nodes = graph.nodes.flatMap((old) => {
    const made = readingNode({ ...old, inputs: old.inputs.map(now) }, frozen)
    made.at(-1)?.outputs.forEach((output, index) => standsFor.set(inputAt(old.outputs, index), output))
    return made
  })
  const outputs = Object.entries(graph.outputs).map(([name, value]) => [name, now(value)] as const)
  return { nodes, outputs: Object.fromEntries(outputs) }
}

/** What stands for one node, itself the last. */
function readingNode(node: Node, frozen: FrozenInputs): Node[] {
  const second = node.inputs[1]
  const read = second?.kind === 'input' ? frozen.get(second.name) : undefined
  if (read?.held && !isReadInEightBits(node, 1, read, read.held)) {
    const pieces = productInPieces(node, 1, read.held)
    if (pieces) return pieces
  }
  const before: Node[] = []
  const add = (kernel: string, input: Value, attributes: Attributes, shape: readonly number[]): Value => {
    const made = newNode(kernel, [input], attributes, [{ shape, dtype: 'float32' }])
    before.push(made)
    return inputAt(made.outputs, 0)
  }
  const turned: Record<string, boolean> = {}
  const inputs = node.inputs.map((value, index) => {
    const input = value.kind === 'input' ? frozen.get(value.name) : undefined
    if (!input?.held || isReadInEightBits(node, index, input, input.held)) return value
    const { matrix, isTransposed } = input.held
    const whole = { first: 0, count: matrix.columns }
    const out = add('WrittenOut', value, whole, [matrix.columns, matrix.inner])
    if (isTransposed) return out
    const turn = turns[node.kernel]?.[index]
    if (!turn) return add('Transpose', out, { order: [1, 0] }, value.shape)
    turned[turn] = !node.attributes[turn]
    return out
  })
  return [...before, newNode(node.kernel, inputs, { ...node.attributes, ...turned }, node.outputs)]
}

/** The attributes of products that take an operand the other way round, by operand. */
const turns: Readonly<Record<string, readonly (string | undefined)[]>> = {
  BatchMatMul: ['transposeA', 'transposeB'],
  ScaledMatMul: ['transposeA', 'transposeB'],
  Linear: [undefined, 'isTurned'],
}

/** Rows that are looked up, and products of integers where the program has them. */
function isReadInEightBits(
  { kernel, attributes, inputs }: Node,
  index: number,
  { inEightBits }: FrozenInput,
  { matrix, isTransposed }: HeldWeight,
): boolean {
  if (kernel === 'GatherV2') return isTransposed && attributes['axis'] === 0 && attributes['batchDims'] === 0
  const isProduct = (kernel === 'BatchMatMul' || kernel === 'Linear') && index === 1
  return (
    isProduct &&
    inEightBits !== undefined &&
    matrix.inner * matrix.columns >= FEWEST_NUMBERS_FOR_EIGHT_BITS &&
    inputs[0]?.shape.length === 2 &&
    !attributes['transposeA'] &&
    (attributes['scale'] ?? 1) === 1 &&
    Boolean(attributes['transposeB']) === isTransposed
  )
}

const inputAt = <T>(values: readonly T[], index: number): T => {
  const value = values[index]
  if (value === undefined) throw new Error(`there is no value ${index}`)
  return value
}

export const weights: Table = {
  /** Some rows of the matrix [columns, inner]. */
  WrittenOut: {
    record: () => {
      throw new Error('weights are written out after recording')
    },
    lower: (node, emit) => {
      const { matrix } = heldBy(emit, inputOf(node, 0))
      const count = Number(node.attributes['count'])
      const from = Number(node.attributes['first']) * matrix.blocks
      const blocks = count * matrix.blocks
      const numbers = matrix.numbers.subarray(from * BLOCK, (from + blocks) * BLOCK)
      const scales = matrix.scales.subarray(from, from + blocks)
      const names = [
        emit.kept('uint8', [blocks, BLOCK], numbers),
        emit.kept('float32', [blocks], scales),
      ] as const
      return rowsOf(emit, dequantised(emit, ...names, blocks), count, matrix)
    },
  },
}

/** Some rows of a matrix that is stored [columns, inner]. @param ids the ONNX name of their indices */
export function rowsWrittenOut(
  emit: Emitter,
  { matrix }: HeldWeight,
  ids: string,
  shape: readonly number[],
): string {
  const { columns, blocks, numbers, scales } = matrix
  const all = (sizeOf(shape) / lengthAt(shape, -1)) * blocks
  const taken = (constant: string, size: readonly number[]) =>
    reshaped(emit, emit.node('Gather', [constant, ids], { axis: 0 }), size)
  const blocksTaken = dequantised(
    emit,
    taken(emit.kept('uint8', [columns, blocks * BLOCK], numbers), [all, BLOCK]),
    taken(emit.kept('float32', [columns, blocks], scales), [all]),
    all,
  )
  return reshaped(emit, rowsOf(emit, blocksTaken, all / blocks, matrix), shape)
}

/** Blocks as rows of a matrix, without what fills up the last block of each. */
function rowsOf(emit: Emitter, name: string, count: number, { inner, blocks }: EightBitMatrix): string {
  const rows = reshaped(emit, name, [count, blocks * BLOCK])
  return blocks * BLOCK === inner
    ? rows
    : emit.node('Slice', [rows, emit.integers([0]), emit.integers([inner]), emit.integers([1])])
}

const dequantised = (emit: Emitter, numbers: string, scales: string, blocks: number): string =>
  emit.node('DequantizeLinear', [numbers, scales, emit.kept('uint8', [blocks], zeros(blocks))], {
    axis: 0,
  })

const reshaped = (emit: Emitter, name: string, shape: readonly number[]): string =>
  emit.node('Reshape', [name, emit.integers(shape)])

let zeroPoints = new Uint8Array(0)

/** The zero point of each block: the same memory for all. */
function zeros(blocks: number): Uint8Array {
  if (zeroPoints.length < blocks) zeroPoints = new Uint8Array(blocks).fill(ZERO)
  return zeroPoints.subarray(0, blocks)
}

function heldBy(emit: Emitter, input: Value): HeldWeight {
  const held = emit.frozen(input)?.held
  if (!held) throw new Error('this weight is not held in 8 bits')
  return held
}
