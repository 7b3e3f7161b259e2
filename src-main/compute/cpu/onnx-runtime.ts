/**
 * ONNX Runtime's C API, as far as the CPU engine calls it. onnxruntime-node's own binding names and wraps
 * every tensor of every run and copies every output: a token of a small model took longer there than in its
 * graph. Here tensors are bound once, to the memory they live in, and a run is one call with three addresses,
 * which any thread may make.
 */
import { elementTypes, type OnnxTensor } from '../lower/onnx'
import { onnxFunctions, type Checked, type OnnxFunctions, type Pointer, type Status } from './onnx-functions'

const FATAL = 4
const NO_OPTIMIZATION = 0
const DEVICE_ALLOCATOR = 0
const DEFAULT_MEMORY = 0

export interface NativeSettings {
  /** Of ONNX Runtime, the caller's own among them. */
  readonly threads: number
  readonly hasMemoryPattern: boolean
  readonly config: Readonly<Record<string, string>>
}

export interface OnnxRuntime {
  /**
   * For another thread: the library, which koffi wants loaded there too, and where in it the function lies
   * that runs a session: (session, null, binding) → status.
   */
  readonly library: string
  readonly runAddress: Pointer
  /**
   * @param constants which the model names and has not; they are read where they lie, and the caller keeps
   *   them alive
   * @returns a session of its own, which the caller releases
   */
  createSession(model: Uint8Array, constants: readonly OnnxTensor[], settings: NativeSettings): Pointer
  createBinding(session: Pointer): Pointer
  /** From now on the binding's input, or output, of that name is this memory. The caller keeps it alive. */
  bind(
    binding: Pointer,
    which: 'input' | 'output',
    name: string,
    shape: readonly number[],
    data: Float32Array | Int32Array | Uint8Array,
  ): void
  /** Blocks the thread it is called from. */
  run(session: Pointer, binding: Pointer): void
  /** @throws what a status says; for runs that another thread made */
  check(status: Status): void
  release(session: Pointer, binding: Pointer): void
}

let opened: OnnxRuntime | undefined

/** Opened once a process. @throws DeviceFailure when the library or koffi does not load */
export function onnxRuntime(): OnnxRuntime {
  return (opened ??= open(onnxFunctions()))
}

/** Why the library cannot be called on this machine, if it cannot. */
export function whyNotCallable(): string | undefined {
  try {
    onnxRuntime()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function open(functions: OnnxFunctions): OnnxRuntime {
  const { bindInput, bindOutput } = functions
  const environment = made(functions.createEnvironment, FATAL, 'studio')
  const withTensor = tensorsOn(functions)
  return {
    library: functions.library,
    runAddress: functions.runAddress,
    check: functions.check,
    createSession(model, constants, settings) {
      const options = made(functions.createOptions)
      try {
        setOptions(functions, options, settings)
        for (const constant of constants)
          withTensor(constant, (tensor) => functions.addConstants(options, [constant.name], [tensor], 1))
        return made(functions.createSession, environment, model, model.length, options)
      } finally {
        functions.releaseOptions(options)
      }
    },
    createBinding: (session) => made(functions.createBinding, session),
    bind(binding, which, name, shape, data) {
      const bind = which === 'input' ? bindInput : bindOutput
      withTensor({ type: typeOf(data), shape, data }, (tensor) => bind(binding, name, tensor))
    },
    run: (session, binding) => functions.run(session, null, binding),
    release(session, binding) {
      functions.releaseBinding(binding)
      functions.releaseSession(session)
    },
  }
}

const typeOf = (data: Float32Array | Int32Array | Uint8Array): OnnxTensor['type'] => {
  if (data instanceof Float32Array) return 'float32'
  return data instanceof Int32Array ? 'int32' : 'uint8'
}

/** What a function that makes something has put where it was told to. */
function made(make: Checked, ...given: unknown[]): Pointer {
  const put: (Pointer | null)[] = [null]
  make(...given, put)
  return put[0] as Pointer
}

function setOptions(
  functions: OnnxFunctions,
  options: Pointer,
  { threads, hasMemoryPattern, config }: NativeSettings,
): void {
  functions.setThreads(options, threads)
  functions.setOptimization(options, NO_OPTIMIZATION)
  functions.setLogSeverity(options, FATAL)
  if (!hasMemoryPattern) functions.disableMemoryPattern(options)
  for (const [key, value] of Object.entries(config)) functions.addConfigEntry(options, key, value)
}

type WithTensor = ({ type, shape, data }: Omit<OnnxTensor, 'name'>, use: (tensor: Pointer) => void) => void

/**
 * Memory as a value of ONNX Runtime's, for as long as `use` takes: whoever is given it keeps a count of its
 * own.
 */
function tensorsOn({ createMemoryInfo, createTensor, releaseValue }: OnnxFunctions): WithTensor {
  const host = made(createMemoryInfo, DEVICE_ALLOCATOR, DEFAULT_MEMORY)
  return ({ type, shape, data }, use) => {
    // a small array lies in JavaScript's heap, and is moved about there, until somebody asks for its buffer
    void data.buffer
    const sizes = BigInt64Array.from(shape, BigInt)
    const tensor = made(createTensor, host, data, data.byteLength, sizes, shape.length, elementTypes[type])
    try {
      use(tensor)
    } finally {
      releaseValue(tensor)
    }
  }
}
