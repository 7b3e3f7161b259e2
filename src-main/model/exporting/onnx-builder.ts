/**
 * Writes an ONNX graph operator by operator: each call is a node, and answers with the name of what it gives.
 */
import type { OnnxAttribute, OnnxNode, OnnxTensor } from '../../compute/lower/onnx'
import type { Parameters } from '../../compute/parameters'

export interface OnnxBuilder {
  readonly nodes: readonly OnnxNode[]
  readonly constants: readonly OnnxTensor[]
  /** @returns the name of its first output, or of `output` */
  node(
    op: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    output?: string,
  ): string
  /** An operator with several outputs. */
  split(input: string, parts: number): readonly string[]
  /** int64. A bare number is a scalar. */
  integers(values: number | readonly number[]): string
  float(value: number): string
  floats(name: string, shape: readonly number[], data: Float32Array): string
  /** A parameter of the model, by its own name: a view, not a copy. */
  weight(name: string): string
  /** x·W + b of a linear layer [in, out]. */
  linear(x: string, name: string): string
}

export function onnxBuilder(parameters: Parameters): OnnxBuilder {
  const nodes: OnnxNode[] = []
  const { constants, constant, integers, floats } = onnxConstants()

  function node(
    op: string,
    inputs: readonly string[],
    attributes: OnnxNode['attributes'] = {},
    output = `${op}_${nodes.length}`,
  ): string {
    nodes.push({ op, domain: '', inputs, outputs: [output], attributes })
    return output
  }
  const weight = (name: string): string =>
    constant({ name, type: 'float32', shape: parameters.spec[name] ?? [], data: parameters.view(name) })

  return {
    nodes,
    get constants() {
      return [...constants.values()]
    },
    node,
    split(input, parts) {
      const outputs = Array.from({ length: parts }, (_, i) => `Split_${nodes.length}_${i}`)
      const attributes = { axis: -1, num_outputs: parts }
      nodes.push({ op: 'Split', domain: '', inputs: [input], outputs, attributes })
      return outputs
    },
    integers,
    float: (value) => floats(`float_${value}`, [], Float32Array.of(value)),
    floats,
    weight,
    linear(x, name) {
      const product = node('MatMul', [x, weight(`${name}.weight`)])
      const hasBias = Object.hasOwn(parameters.spec, `${name}.bias`)
      return hasBias ? node('Add', [product, weight(`${name}.bias`)]) : product
    },
  }
}

/** Constants by name, each kept once; adding one answers with its name. */
function onnxConstants() {
  const constants = new Map<string, OnnxTensor>()

  function constant(tensor: OnnxTensor): string {
    if (!constants.has(tensor.name)) constants.set(tensor.name, tensor)
    return tensor.name
  }
  function integers(values: number | readonly number[]): string {
    const isScalar = typeof values === 'number'
    const list = isScalar ? [values] : values
    return constant({
      name: `int64_${isScalar ? values : `[${values.join()}]`}`,
      type: 'int64',
      shape: isScalar ? [] : [list.length],
      data: BigInt64Array.from(list, BigInt),
    })
  }
  const floats = (name: string, shape: readonly number[], data: Float32Array): string =>
    constant({ name, type: 'float32', shape, data })
  return { constants, constant, integers, floats }
}
