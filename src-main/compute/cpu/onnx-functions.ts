/**
 * The functions of ONNX Runtime's C API that the CPU engine calls, through koffi: where each stands in the
 * library, and what it takes. A wrong signature ends the process.
 *
 * The library is the one onnxruntime-node brings. `OrtApi` is a struct of pointers to functions that later
 * versions only append to, so a function is found by its position in it.
 * Source of positions and signatures:
 * https://github.com/microsoft/onnxruntime/blob/main/include/onnxruntime/core/session/onnxruntime_c_api.h
 */
import '../no-telemetry'
import { createRequire } from 'node:module'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type Koffi from 'koffi'
import { DeviceFailure } from '../device-failure'

/** An address. */
export type Pointer = bigint
/** Null when all went well. */
export type Status = Pointer | null
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

/** A function that answers with a status. @throws what the status says */
export type Checked = (...given: unknown[]) => void
export type OnnxFunctions = ReturnType<typeof declared> & {
  readonly library: string
  /** Of the function that runs a session: (session, null, binding) → status. */
  readonly runAddress: Pointer
}

/** @throws DeviceFailure when the library or koffi does not load, or lacks a function */
export function onnxFunctions(): OnnxFunctions {
  const { koffi, library, table } = loaded()
  return { ...declared(koffi, table), library, runAddress: table[positions.runWithBinding] as Pointer }
}

type Table = readonly (Pointer | null)[]

function declared(koffi: typeof Koffi, table: Table) {
  const pointer = 'void *'
  const out = koffi.out(koffi.pointer(pointer))
  const check = statusCheck(koffi, table)
  const call = (name: keyof typeof positions, ...takes: CType[]): Checked => {
    const invoke = koffi.decode(table[positions[name]] as Pointer, koffi.proto(pointer, takes)) as (
      ...given: unknown[]
    ) => Status
    return (...given) => check(invoke(...given))
  }
  const number64s = koffi.pointer('int64_t')
  return {
    check,
    createEnvironment: call('createEnvironment', 'int', 'str', out),
    createMemoryInfo: call('createMemoryInfo', 'int', 'int', out),
    createTensor: call('createTensor', pointer, pointer, 'size_t', number64s, 'size_t', 'int', out),
    createOptions: call('createOptions', out),
    setThreads: call('setThreads', pointer, 'int'),
    setOptimization: call('setOptimization', pointer, 'int'),
    setLogSeverity: call('setLogSeverity', pointer, 'int'),
    disableMemoryPattern: call('disableMemoryPattern', pointer),
    addConfigEntry: call('addConfigEntry', pointer, 'str', 'str'),
    addConstants: call('addConstants', pointer, koffi.pointer('str'), koffi.pointer(pointer), 'size_t'),
    createSession: call('createSession', pointer, pointer, 'size_t', pointer, out),
    createBinding: call('createBinding', pointer, out),
    bindInput: call('bindInput', pointer, 'str', pointer),
    bindOutput: call('bindOutput', pointer, 'str', pointer),
    run: call('runWithBinding', pointer, pointer, pointer),
    releaseSession: releasing(koffi, table, 'releaseSession'),
    releaseValue: releasing(koffi, table, 'releaseValue'),
    releaseOptions: releasing(koffi, table, 'releaseOptions'),
    releaseBinding: releasing(koffi, table, 'releaseBinding'),
  }
}

/** A function that lets something go, and cannot fail. */
function releasing(koffi: typeof Koffi, table: Table, name: keyof typeof positions) {
  return koffi.decode(table[positions[name]] as Pointer, koffi.proto('void', ['void *'])) as (
    what: Pointer,
  ) => void
}

/** @returns throws what a status says, and lets it go */
function statusCheck(koffi: typeof Koffi, table: Table): (status: Status) => void {
  const messageOf = koffi.decode(
    table[positions.errorMessage] as Pointer,
    koffi.proto('str', ['void *']),
  ) as (status: Pointer) => string
  const release = releasing(koffi, table, 'releaseStatus')
  return (status) => {
    if (status === null || status === 0n) return
    const message = messageOf(status)
    release(status)
    throw new Error(message)
  }
}

/** Keeps the library loaded: koffi unloads one that nobody holds. */
const held: unknown[] = []

function loaded(): { readonly koffi: typeof Koffi; readonly library: string; readonly table: Table } {
  try {
    const koffi = requireHere('koffi') as typeof Koffi
    const library = libraryPath()
    const handle = koffi.load(library)
    held.push(handle)
    return { koffi, library, table: apiTable(koffi, handle.func('OrtGetApiBase', 'void *', [])() as Pointer) }
  } catch (error) {
    throw new DeviceFailure(
      `ONNX Runtime's library cannot be called directly: ` +
        `${error instanceof Error ? error.message : String(error)}.`,
      { cause: error },
    )
  }
}

/** `OrtApi` as a list of pointers. @param base of `OrtApiBase`, whose first function hands it out */
function apiTable(koffi: typeof Koffi, base: Pointer): Table {
  const [getApi] = koffi.decode(base, koffi.array('void *', 1)) as [Pointer]
  const apiOf = koffi.decode(getApi, koffi.proto('void *', ['uint32_t'])) as (
    version: number,
  ) => Pointer | null
  const api = apiOf(API_VERSION)
  if (api === null) throw new Error(`it does not offer version ${API_VERSION} of its interface`)
  return koffi.decode(api, koffi.array('void *', 1 + Math.max(...Object.values(positions)))) as Table
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
  // Packed, the library lies beside the archive: what the system loads is a file of its own.
  return join(folder, name).replace(/app\.asar(?=[\\/])/, 'app.asar.unpacked')
}
