/** Cases of matrix products: turned, batched, large and empty. */
import * as tf from '../tf'
import type { Case, Draw } from './case'

const turned = (shape: number[], isTurned: boolean) =>
  isTurned ? [...shape.slice(0, -2), shape.at(-1) as number, shape.at(-2) as number] : shape

/** Now and then large enough for several threads, or with nothing in it. */
const lengthOf = (draw: Draw) => (draw.integer(0, 7) === 0 ? draw.integer(30, 70) : draw.integer(0, 6))

const product = (
  says: string,
  batches: (draw: Draw) => [number[], number[]],
  hasGradient: boolean,
): Case => ({
  kernel: 'BatchMatMul',
  says,
  hasGradient,
  make: (draw) => {
    const [m, k, n] = [lengthOf(draw), lengthOf(draw), lengthOf(draw)]
    const [left, right] = batches(draw)
    const transposeA = draw.isTrue()
    const transposeB = draw.isTrue()
    return {
      inputs: [
        draw.floats(turned([...left, m, k], transposeA)),
        draw.floats(turned([...right, k, n], transposeB)),
      ],
      body: (a, b) => tf.matMul(a, b, transposeA, transposeB),
    }
  },
})

const same = (draw: Draw): [number[], number[]] => {
  const batch = Array.from({ length: draw.integer(1, 2) }, () => draw.integer(0, 4))
  return [batch, batch]
}

export const matmulCases: readonly Case[] = [
  product('a product of two matrices, each maybe transposed', () => [[], []], true),
  product('a product of batches of matrices, each maybe transposed', same, true),
  product(
    'a product of batches, one of which broadcasts',
    (draw) =>
      draw.isTrue()
        ? [[draw.integer(1, 3)], [1]]
        : [
            [1, 1],
            [draw.integer(1, 3), 2],
          ],
    false,
  ),
]
