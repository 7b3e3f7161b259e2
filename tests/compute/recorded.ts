import type { HostTensor } from '../../src-main/compute/engine'
import type { Graph, Input } from '../../src-main/compute/graph/graph'
import type { Body } from '../../src-main/compute/selftest/case'
import { trace } from '../../src-main/compute/recording/trace'

/** The body as a graph from `x0`, `x1`, … to `y0`, `y1`, … */
export function recorded(body: Body, inputs: readonly HostTensor[]): Graph {
  const declared = inputs.map(({ shape, data }, index): Input => ({
    kind: 'input',
    name: `x${index}`,
    shape,
    dtype: data instanceof Float32Array ? 'float32' : 'int32',
  }))
  return trace(declared, (tensors) =>
    Object.fromEntries(
      [body(...Object.values(tensors))].flat().map((output, index) => [`y${index}`, output]),
    ),
  )
}
