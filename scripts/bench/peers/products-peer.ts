/**
 * `products-peer.js NAME`: the matrix products of our training step and nothing else, in as many lanes as the
 * step: the least that ONNX Runtime's products leave any step that is made of them.
 */
import { newNode, type Graph, type Input, type Node, type Value } from '../../../src-main/compute/graph/graph'
import { recordingsOf, withGradients, prefixed, BATCH } from '../../../src-main/compute/recording/graphs'
import { makeTogether } from '../../../src-main/compute/cpu/lanes'
import { lower } from '../../../src-main/compute/lower/lower'
import { openSession } from '../../../src-main/compute/cpu/cpu-session'
import { sizeOf } from '../../../src-main/compute/parameters'
import { partsFor } from '../../../src-main/compute/training/train-step'
import { servePeer } from './serve-peer'
import { lossOf } from '../work/step-work'
import { freshParameters, packageVersion, tokenIds, workNamed } from '../work/work'

const threads = 2
const work = workNamed(process.argv[2])
const parameters = freshParameters(work)
const lanes = Math.min(partsFor(threads, parameters), work.rows)
const part = { ...work, rows: work.rows / lanes }
const recorded = recordingsOf(withGradients(lossOf(work), Object.keys(parameters.spec)))(parameters.spec, {
  ids: tokenIds(part),
})
const model = lower(productsOf(recorded), { threads: threads / lanes })
const feeds = prefixed(
  BATCH,
  Object.fromEntries(
    [...model.inputs.keys()].map((input) => {
      const shape = input.slice(BATCH.length).split('x').map(Number)
      return [input.slice(BATCH.length), { shape, data: new Float32Array(sizeOf(shape)).fill(0.01) }]
    }),
  ),
)
const runs = Array.from({ length: lanes }, () =>
  openSession(model, { threads: threads / lanes }).ready(feeds),
)
makeTogether(runs)
await servePeer({ name: `ONNX Runtime ${packageVersion('onnxruntime-node')}, products alone` }, async () => {
  makeTogether(runs)
})

/** Every product of two matrices, each of operands of its own shapes that are there already. */
function productsOf({ nodes }: Graph): Graph {
  const inputs = new Map<string, Input>()
  const inputLike = ({ shape, dtype }: Value): Input => {
    const name = BATCH + shape.join('x')
    const input: Input = inputs.get(name) ?? { kind: 'input', name, shape, dtype }
    inputs.set(name, input)
    return input
  }
  const isProduct = ({ kernel, inputs }: Node) =>
    kernel === 'Linear' ||
    (kernel === 'BatchMatMul' && inputs.every(({ shape }) => Math.min(...shape.slice(-2)) > 1))
  const products = nodes
    .filter(isProduct)
    .map(({ kernel, inputs, attributes, outputs }) =>
      newNode(
        'BatchMatMul',
        inputs.slice(0, 2).map(inputLike),
        kernel === 'Linear' ? { transposeA: false, transposeB: false, scale: 1 } : attributes,
        outputs,
      ),
    )
  return { nodes: products, outputs: { last: products.at(-1)!.outputs[0]! } }
}
