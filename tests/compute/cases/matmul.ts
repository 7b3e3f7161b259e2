import * as tf from '../../../src-main/compute/tf'
import type { Case, Draw } from '../differential'

const turned = (shape: number[], isTurned: boolean) => (isTurned ? [...shape.slice(0, -2), shape.at(-1) as number, shape.at(-2) as number] : shape)

const product = (says: string, batches: (draw: Draw) => [number[], number[]], hasGradient: boolean): Case => ({
  kernel: 'BatchMatMul',
  says,
  hasGradient,
  make: draw => {
    const [m, k, n] = [draw.integer(1, 5), draw.integer(1, 5), draw.integer(1, 5)], [left, right] = batches(draw)
    const transposeA = draw.isTrue(), transposeB = draw.isTrue()
    return {
      inputs: [draw.floats(turned([...left, m, k], transposeA)), draw.floats(turned([...right, k, n], transposeB))],
      body: (a, b) => tf.matMul(a as tf.Tensor, b as tf.Tensor, transposeA, transposeB),
    }
  },
})

const same = (draw: Draw): [number[], number[]] => {
  const batch = draw.shape(1, 2)
  return [batch, batch]
}

export const matmulCases: readonly Case[] = [
  product('a product of two matrices, each maybe transposed', () => [[], []], true),
  product('a product of batches of matrices, each maybe transposed', same, true),
  product('a product of batches, one of which broadcasts', draw => (draw.isTrue() ? [[draw.integer(1, 3)], [1]] : [[1, 1], [draw.integer(1, 3), 2]]), false),
]
