/**
 * Products with a matrix that is too large to be written out at once, such as an output matrix: some of its rows after
 * the others. x·Wᵀ is put together of the columns that each piece gives; of x·W each piece gives a term.
 */
import type { HeldWeight } from '../eight-bits'
import { inputOf, newNode, type Attributes, type Node, type Shape, type Value } from '../graph/graph'

/** Numbers of a piece: 64 megabytes. */
const PIECE_NUMBERS = 2 ** 24

/** What stands for the product, its result last; undefined where it is no such product. */
export function productInPieces(
  node: Node,
  index: number,
  { matrix, isTransposed }: HeldWeight,
): Node[] | undefined {
  const { inner, columns } = matrix
  const { transposeA, transposeB, scale } = node.attributes
  const isProduct = node.kernel === 'BatchMatMul' && index === 1 && inputOf(node, 0).shape.length === 2
  if (!isProduct || transposeA || (scale ?? 1) !== 1 || inner * columns <= PIECE_NUMBERS) return undefined
  const nodes: Node[] = []
  const add = (kernel: string, inputs: readonly Value[], attributes: Attributes, shape: Shape): Value => {
    const made = newNode(kernel, inputs, attributes, [{ shape, dtype: 'float32' }])
    nodes.push(made)
    return made.outputs[0]!
  }
  const [x, w] = [inputOf(node, 0), inputOf(node, 1)]
  const rows = x.shape[0]!
  const isForward = Boolean(transposeB) === isTransposed // contracts what the blocks lie along
  const results = piecesOf(columns, inner).map(({ first, count }) => {
    const piece = add('WrittenOut', [w], { first, count }, [count, inner])
    if (isForward)
      return add('BatchMatMul', [x, piece], { ...node.attributes, transposeB: true }, [rows, count])
    const part = add('Slice', [x], { begin: [0, first], size: [rows, count] }, [rows, count])
    return add('BatchMatMul', [part, piece], { ...node.attributes, transposeB: false }, [rows, inner])
  })
  if (isForward) add('Concat', results, { axis: 1 }, [rows, columns])
  else results.reduce((sum, term) => add('Add', [sum, term], {}, [rows, inner]))
  return nodes
}

function piecesOf(
  columns: number,
  inner: number,
): readonly { readonly first: number; readonly count: number }[] {
  const size = Math.max(1, Math.floor(PIECE_NUMBERS / inner))
  return Array.from({ length: Math.ceil(columns / size) }, (_, piece) => ({
    first: piece * size,
    count: Math.min(size, columns - piece * size),
  }))
}
