/**
 * Writes an ONNX model as protocol buffer bytes: the few messages of onnx.proto3 that a recorded graph needs.
 * Source of every field number: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
 */

/** The numbers of TensorProto.DataType. */
export const elementTypes = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float64: 11 } as const
export type ElementType = keyof typeof elementTypes

/** A bare number is an integer; a float must say so, because both may look like 1. */
export type OnnxAttribute =
  number | readonly number[] | { readonly float: number } | { readonly text: string }

export interface OnnxNode {
  readonly op: string
  /** Empty for ONNX itself, `com.microsoft` for ONNX Runtime's own operators. */
  readonly domain: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, OnnxAttribute>>
}
export interface OnnxTensor {
  readonly name: string
  readonly type: ElementType
  readonly shape: readonly number[]
  readonly data: Float32Array | Float64Array | Int32Array | Uint8Array | BigInt64Array
}
export interface OnnxValue {
  readonly name: string
  readonly type: ElementType
  /** A size with a name is whatever the value brings along. */
  readonly shape: readonly (number | string)[]
}
export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[]
  readonly constants: readonly OnnxTensor[]
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
}

const IR_VERSION = 9
const OPSET = 20
const CONTRIB_OPSET = 1

const VARINT = 0
const LENGTH_DELIMITED = 2
const FIXED_32 = 5

const textEncoder = new TextEncoder()

function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  do {
    const low = Number(rest & 127n)
    rest >>= 7n
    bytes.push(rest > 0n ? low | 128 : low)
  } while (rest > 0n)
  return Uint8Array.from(bytes)
}

/** Bytes in pieces that are joined once, at the end: a model may hold hundreds of megabytes. */
type Message = readonly Uint8Array[]

const lengthOf = (message: Message) => message.reduce((total, part) => total + part.length, 0)

function join(message: Message): Uint8Array {
  const bytes = new Uint8Array(lengthOf(message))
  let at = 0
  for (const part of message) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

const tag = (field: number, wireType: number) => varint((field << 3) | wireType)
const integerField = (field: number, value: number | bigint): Message => [tag(field, VARINT), varint(value)]
const floatField = (field: number, value: number): Message => [
  tag(field, FIXED_32),
  new Uint8Array(Float32Array.of(value).buffer),
]
const bytesField = (field: number, bytes: Uint8Array): Message => [
  tag(field, LENGTH_DELIMITED),
  varint(bytes.length),
  bytes,
]
const textField = (field: number, text: string): Message => bytesField(field, textEncoder.encode(text))

function messageField(field: number, parts: readonly Message[]): Message {
  const message = parts.flat()
  return [tag(field, LENGTH_DELIMITED), varint(lengthOf(message)), ...message]
}

/** AttributeProto */
function attribute(name: string, value: OnnxAttribute): Message[] {
  if (typeof value === 'number') return [textField(1, name), integerField(3, value), integerField(20, 2)]
  if ('float' in value) return [textField(1, name), floatField(2, value.float), integerField(20, 1)]
  if ('text' in value) return [textField(1, name), textField(4, value.text), integerField(20, 3)]
  return [textField(1, name), ...value.map((item) => integerField(8, item)), integerField(20, 7)]
}

/** NodeProto */
function node({ op, domain, inputs, outputs, attributes }: OnnxNode): Message[] {
  return [
    ...inputs.map((name) => textField(1, name)),
    ...outputs.map((name) => textField(2, name)),
    textField(4, op),
    ...Object.entries(attributes).map(([name, value]) => messageField(5, attribute(name, value))),
    ...(domain ? [textField(7, domain)] : []),
  ]
}

/** TensorProto */
function tensor({ name, type, shape, data }: OnnxTensor, isElsewhere: boolean): Message[] {
  const described = [
    ...shape.map((length) => integerField(1, length)),
    integerField(2, elementTypes[type]),
    textField(8, name),
  ]
  // data_location EXTERNAL at a place nobody reads: whoever opens the model hands the numbers in
  if (isElsewhere)
    return [
      ...described,
      messageField(13, [textField(1, 'location'), textField(2, 'memory')]),
      integerField(14, 1),
    ]
  return [...described, bytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))]
}

/** ValueInfoProto { name, TypeProto { tensor_type { elem_type, TensorShapeProto } } } */
function valueInfo({ name, type, shape }: OnnxValue): Message[] {
  const dimensions = shape.map((length) =>
    messageField(1, [typeof length === 'string' ? textField(2, length) : integerField(1, length)]),
  )
  const tensorType = [integerField(1, elementTypes[type]), messageField(2, dimensions)]
  return [textField(1, name), messageField(2, [messageField(1, tensorType)])]
}

/**
 * ModelProto.
 * @param isElsewhere of a constant: the model only names it, and whoever opens it brings its numbers along
 */
export const encodeModel = (
  graph: OnnxGraph,
  isElsewhere: (constant: OnnxTensor) => boolean = () => false,
): Uint8Array => join(modelPieces(graph, isElsewhere))

/**
 * The same in pieces, to be written one after another; those of the constants are views of their arrays, not
 * copies.
 */
export function modelPieces(
  graph: OnnxGraph,
  isElsewhere: (constant: OnnxTensor) => boolean = () => false,
): readonly Uint8Array[] {
  const graphProto = [
    ...graph.nodes.map((item) => messageField(1, node(item))),
    textField(2, 'program'),
    ...graph.constants.map((item) => messageField(5, tensor(item, isElsewhere(item)))),
    ...graph.inputs.map((item) => messageField(11, valueInfo(item))),
    ...graph.outputs.map((item) => messageField(12, valueInfo(item))),
  ]
  const model = [
    integerField(1, IR_VERSION),
    messageField(7, graphProto),
    messageField(8, [textField(1, ''), integerField(2, OPSET)]),
    messageField(8, [textField(1, 'com.microsoft'), integerField(2, CONTRIB_OPSET)]),
  ]
  return model.flat()
}
