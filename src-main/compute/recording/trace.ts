/**
 * Records a TensorFlow.js program: a backend whose kernels compute nothing and write down what they were
 * asked for.
 *
 * A recorded program runs many times, so it must be the same every time: it may not look at a value, use a
 * tensor made outside, or draw at random (random draws come in with the batch).
 */
import { onBackend } from './backend'
import {
  splat,
  type DataType,
  type Graph,
  type Input,
  type Node,
  type NumberArray,
  type Shape,
  type Value,
} from '../graph/graph'
import { appendTo, type Append, type Call, type Row } from '../lower/row'
import { table } from '../lower/table'
import * as tf from '../tf'

const BACKEND = 'recorder'

/**
 * TensorFlow.js keeps data by identity. Each tensor gets an identity of its own, also when two hold the same
 * value.
 */
interface Handle {
  readonly value: Value
}

/** What the recorder itself does not take; the line of the program is added where recording ends. */
class Refusal extends Error {}

class Recorder extends tf.KernelBackend {
  private nodes: Node[] = []
  append: Append = appendTo(this.nodes)

  /** Starts afresh. @returns the list that fills */
  restart(): readonly Node[] {
    this.nodes = []
    this.append = appendTo(this.nodes)
    return this.nodes
  }

  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): Handle {
    return { value: constantOf(values, shape, dtype) }
  }

  override move(): never {
    throw new Refusal('a tensor made outside the program is used in it: hand it in with the batch')
  }
  override readSync(): never {
    throw new Refusal('a value is read while the program is recorded: a program may not look at its numbers')
  }
  override read(): never {
    return this.readSync()
  }
  override disposeData(): boolean {
    return true
  }
  override refCount(): number {
    return 1
  }
  override incRef(): void {}
  decRef(): void {}
  override numDataIds(): number {
    return 0
  }
  override memory() {
    return { unreliable: true }
  }
  override floatPrecision(): 32 {
    return 32
  }
  override epsilon(): number {
    return 1e-7
  }
  override timerAvailable(): boolean {
    return false
  }
  override dispose(): void {}
}

function constantOf(values: tf.backend_util.BackendValues, shape: Shape, dtype: tf.DataType): Value {
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool')
    throw new Refusal(`tensors of type ${dtype} are not recorded`)
  const data = numbersOf(values as ArrayLike<number>, dtype)
  const [first] = data
  if (first !== undefined && data.every((value) => Object.is(value, first))) return splat(shape, dtype, first)
  return { kind: 'constant', shape, dtype, data: data.slice() }
}

function numbersOf(values: ArrayLike<number>, dtype: DataType): NumberArray {
  if (dtype === 'float32') return values instanceof Float32Array ? values : Float32Array.from(values)
  if (dtype === 'int32') return values instanceof Int32Array ? values : Int32Array.from(values)
  return values instanceof Uint8Array ? values : Uint8Array.from(values)
}

function infoOf(value: Value): tf.TensorInfo {
  return { dataId: { value } satisfies Handle, shape: [...value.shape], dtype: value.dtype }
}

/** @throws when the tensor was not made while recording */
function valueOf(tensor: tf.TensorInfo): Value {
  if (!('value' in tensor.dataId))
    throw new Refusal('a tensor made outside the program is used in it: hand it in with the batch')
  return (tensor.dataId as Handle).value
}

function callOf(
  kernel: string,
  infos: tf.NamedTensorInfoMap,
  attributes: Readonly<Record<string, unknown>>,
): Call {
  const named = new Map(
    Object.entries(infos).flatMap(([name, info]) => (info ? [[name, valueOf(info)] as const] : [])),
  )
  return {
    kernel,
    attributes,
    inputs: [...named.values()],
    input(name) {
      const value = named.get(name)
      if (!value) throw new Refusal(`kernel ${kernel} was called without "${name}"`)
      return value
    },
  }
}

function register(kernelName: string, row: Row): void {
  tf.registerKernel({
    kernelName,
    backendName: BACKEND,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const call = callOf(kernelName, inputs, attrs ?? {})
      const made = named(kernelName, () => row.record(call, (backend as Recorder).append))
      return Array.isArray(made) ? (made as Value[]).map(infoOf) : infoOf(made as Value)
    },
  })
}

/** What a row refuses is refused in the kernel's name. */
function named<T>(kernel: string, record: () => T): T {
  try {
    return record()
  } catch (error) {
    throw new Refusal(
      `the kernel ${kernel} cannot be compiled like this: ` +
        `${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
}

/** Once in a process. The lowest priority: nobody gets it by default. */
function recorder(): Recorder {
  if (!tf.findBackendFactory(BACKEND)) {
    tf.registerBackend(BACKEND, () => new Recorder(), 0)
    for (const [kernel, row] of Object.entries(table)) register(kernel, row)
  }
  return tf.findBackend(BACKEND) as Recorder
}

/** Is a program being recorded now? Layers ask, to use operators only a recording has. */
export function isRecording(): boolean {
  return tf.getBackend() === BACKEND
}

/**
 * Records one run of the program.
 * @param body is called once, on tensors without values; the tensors it returns are the graph's outputs
 * @throws when the program uses a kernel without a row, reads a value or uses a tensor from outside
 */
export function trace(
  inputs: readonly Input[],
  body: (tensors: Readonly<Record<string, tf.Tensor>>) => Readonly<Record<string, tf.Tensor>>,
): Graph {
  const backend = recorder()
  return onBackend(BACKEND, () => {
    const nodes = backend.restart()
    const outputs: Record<string, Value> = {}
    const framesKept = Error.stackTraceLimit
    Error.stackTraceLimit = FRAMES
    try {
      tf.tidy(() => {
        const tensors = Object.fromEntries(
          inputs.map((input) => [input.name, tf.engine().makeTensorFromTensorInfo(infoOf(input))]),
        )
        const results = body(tensors)
        if (results instanceof Promise)
          throw new Error('a program is synchronous: it may not wait for anything')
        for (const [name, tensor] of Object.entries(results)) outputs[name] = valueOf(tensor)
      })
    } catch (error) {
      throw explained(error)
    } finally {
      Error.stackTraceLimit = framesKept
    }
    return { nodes, outputs }
  })
}

/** TensorFlow.js's own frames between a program and the recorder are many. */
const FRAMES = 60

/** Says which line of the program is refused, and which kernel when the table has none of it. */
function explained(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const kernel = /[Kk]ernel '(\w+)' .*for backend|registered kernel '(\w+)'/.exec(error.message)
  const line = programLine(error)
  if (!kernel && !line) return error
  return new Error(
    `${kernel ? `the kernel ${kernel[1] ?? kernel[2]} cannot be compiled yet` : error.message}${line}`,
    { cause: error },
  )
}

/** The line that called TensorFlow.js, when TensorFlow.js or the recorder under it threw. */
function programLine(error: Error): string {
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? []
  const isLibrary = (line: string) => line.includes('node_modules')
  const first = frames.findIndex(isLibrary)
  if (first < 0 || (first > 0 && !(error instanceof Refusal))) return '' // the program's own error
  const frame = frames
    .slice(first)
    .find((line) => !isLibrary(line) && !line.includes('node:') && !line.includes('<anonymous>'))
  return frame ? ` (${frame.trim()})` : ''
}
