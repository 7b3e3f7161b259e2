/**
 * ONNX Runtime's C API, as far as the CPU engine calls it, through koffi. onnxruntime-node's own binding
 * names and wraps every tensor of every run and copies every output: a token of a small model took longer
 * there than in its graph. Here tensors are bound once, to the memory they live in, and a run is one call
 * with three addresses, which any thread may make.
 *
 * The library is the one onnxruntime-node brings. `OrtApi` is a struct of pointers to functions that later
 * versions only append to, so a function is found by its position in it.
 * Source of positions and signatures:
 * https://github.com/microsoft/onnxruntime/blob/main/include/onnxruntime/core/session/onnxruntime_c_api.h
 */
import { createRequire } from 'node:module'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type Koffi from 'koffi'
import { DeviceFailure } from '../device-failure'
import { elementTypes, type OnnxTensor } from '../lower/onnx'

/** An address. */
export type Pointer = bigint
/** Null when all went well. */
type Status = Pointer | null
/** A type of C, as koffi names it. */
type CType = string | ReturnType<typeof Koffi.pointer> | ReturnType<typeof Koffi.out>

/** The version from which on `OrtApi` has all that is called here. */
const API_VERSION = 17
const positions = {
  errorMessage: 2,
  createEnvironment: 3,
  createSession: 8,
  runWithBinding: 133,
  createOptions: 10,
  disableMemoryPattern: 17,
  setLogSeverity: 22,
  setOptimization: 23,
  setThreads: 24,
  createTensor: 49,
  createMemoryInfo: 69,
  releaseStatus: 93,
  releaseSession: 95,
  releaseValue: 96,
  releaseOptions: 100,
  addConfigEntry: 130,
  createBinding: 134,
  releaseBinding: 135,
  bindInput: 136,
  bindOutput: 137,
  addConstants: 210,
} as const

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
    data: Float32Array | Int32Array,
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
  return (opened ??= open())
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

/** Keeps the library loaded: koffi unloads one that nobody holds. */
const held: unknown[] = []

function open(): OnnxRuntime {
  const { koffi, library, table } = loaded()
  const pointer = 'void *'
  const out = koffi.out(koffi.pointer('void *'))
  /** A function of the table that answers with a status. */
  const call = (name: keyof typeof positions, ...parameters: CType[]) => {
    const invoke = koffi.decode(table[positions[name]] as Pointer, koffi.proto(pointer, parameters)) as (
      ...given: unknown[]
    ) => Status
    return (...given: unknown[]) => check(invoke(...given))
  }
  const release = (name: keyof typeof positions) =>
    koffi.decode(table[positions[name]] as Pointer, koffi.proto('void', [pointer])) as (what: Pointer) => void
  const errorMessage = koffi.decode(
    table[positions.errorMessage] as Pointer,
    koffi.proto('str', [pointer]),
  ) as (status: Pointer) => string
  const releaseStatus = release('releaseStatus')
  const releaseSession = release('releaseSession')
  const releaseValue = release('releaseValue')
  const releaseOptions = release('releaseOptions')
  const releaseBinding = release('releaseBinding')

  function check(status: Status): void {
    if (status === null || status === 0n) return
    const message = errorMessage(status)
    releaseStatus(status)
    throw new Error(message)
  }
  /**
   * Memory as a value of ONNX Runtime's, for as long as `use` takes: whoever is given it keeps a count of its
   * own.
   */
  function withTensor<T>({ type, shape, data }: Omit<OnnxTensor, 'name'>, use: (tensor: Pointer) => T): T {
    // a small array lies in JavaScript's heap, and is moved about there, until somebody asks for its buffer
    void data.buffer
    const tensor = made(
      createTensor,
      host,
      data,
      data.byteLength,
      BigInt64Array.from(shape, BigInt),
      shape.length,
      elementTypes[type],
    )
    try {
      return use(tensor)
    } finally {
      releaseValue(tensor)
    }
  }
  /** What a function that makes something has put where it was told to. */
  function made(make: (...given: unknown[]) => void, ...given: unknown[]): Pointer {
    const place: (Pointer | null)[] = [null]
    make(...given, place)
    return place[0] as Pointer
  }

  const createOptions = call('createOptions', out)
  const setThreads = call('setThreads', pointer, 'int')
  const setOptimization = call('setOptimization', pointer, 'int')
  const setLogSeverity = call('setLogSeverity', pointer, 'int')
  const disableMemoryPattern = call('disableMemoryPattern', pointer)
  const addConfigEntry = call('addConfigEntry', pointer, 'str', 'str')
  const createSession = call('createSession', pointer, pointer, 'size_t', pointer, out)
  const createBinding = call('createBinding', pointer, out)
  const createTensor = call(
    'createTensor',
    pointer,
    pointer,
    'size_t',
    koffi.pointer('int64_t'),
    'size_t',
    'int',
    out,
  )
  const addConstants = call('addConstants', pointer, koffi.pointer('str'), koffi.pointer('void *'), 'size_t')
  const bindInput = call('bindInput', pointer, 'str', pointer)
  const bindOutput = call('bindOutput', pointer, 'str', pointer)
  const run = call('runWithBinding', pointer, pointer, pointer)
  const environment = made(call('createEnvironment', 'int', 'str', out), FATAL, 'studio')
  const host = made(call('createMemoryInfo', 'int', 'int', out), DEVICE_ALLOCATOR, DEFAULT_MEMORY)

  return {
    library,
    runAddress: table[positions.runWithBinding] as Pointer,
    check,
    createSession(model, constants, { threads, hasMemoryPattern, config }) {
      const options = made(createOptions)
      try {
        setThreads(options, threads)
        setOptimization(options, NO_OPTIMIZATION)
        setLogSeverity(options, FATAL)
        if (!hasMemoryPattern) disableMemoryPattern(options)
        for (const [key, value] of Object.entries(config)) addConfigEntry(options, key, value)
        for (const constant of constants)
          withTensor(constant, (tensor) => addConstants(options, [constant.name], [tensor], 1))
        return made(createSession, environment, model, model.length, options)
      } finally {
        releaseOptions(options)
      }
    },
    createBinding: (session) => made(createBinding, session),
    bind(binding, which, name, shape, data) {
      const bind = which === 'input' ? bindInput : bindOutput
      withTensor({ type: data instanceof Float32Array ? 'float32' : 'int32', shape, data }, (tensor) =>
        bind(binding, name, tensor),
      )
    },
    run: (session, binding) => run(session, null, binding),
    release(session, binding) {
      releaseBinding(binding)
      releaseSession(session)
    },
  }
}

/** The library with the functions of its `OrtApi`. */
function loaded(): {
  readonly koffi: typeof Koffi
  readonly library: string
  readonly table: readonly (Pointer | null)[]
} {
  try {
    const koffi = requireHere('koffi') as typeof Koffi
    const library = libraryPath()
    const handle = koffi.load(library)
    held.push(handle)
    const base = handle.func('OrtGetApiBase', 'void *', [])() as Pointer
    const [getApi] = koffi.decode(base, koffi.array('void *', 1)) as [Pointer]
    const api = (
      koffi.decode(getApi, koffi.proto('void *', ['uint32_t'])) as (version: number) => Pointer | null
    )(API_VERSION)
    if (api === null) throw new Error(`it does not offer version ${API_VERSION} of its interface`)
    return {
      koffi,
      library,
      table: koffi.decode(
        api,
        koffi.array('void *', 1 + Math.max(...Object.values(positions))),
      ) as (Pointer | null)[],
    }
  } catch (error) {
    throw new DeviceFailure(
      `ONNX Runtime's library cannot be called directly: ` +
        `${error instanceof Error ? error.message : String(error)}.`,
      { cause: error },
    )
  }
}

const requireHere = createRequire(import.meta.url)

/** Linux: libonnxruntime.so.1; macOS: libonnxruntime.1.dylib; Windows: onnxruntime.dll. */
function libraryPath(): string {
  const folder = join(
    dirname(requireHere.resolve('onnxruntime-node/package.json')),
    'bin/napi-v6',
    process.platform,
    process.arch,
  )
  const name = existsSync(folder)
    ? readdirSync(folder).find((file) => /^(lib)?onnxruntime\.(so\.1|1\.dylib|dll)$/.test(file))
    : undefined
  if (name === undefined)
    throw new Error(`onnxruntime-node brings none for ${process.platform} on ${process.arch}`)
  return join(folder, name)
}
