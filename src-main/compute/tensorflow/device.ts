/**
 * TensorFlow itself as a device, through the package @tensorflow/tfjs-node-gpu: programs run eagerly, on an
 * NVIDIA GPU or on the CPU.
 *
 * `npm run setup:cuda` puts the package, a current TensorFlow and a note about both into `.cache/tensorflow`,
 * where npm does not reach. A package that npm itself installed whole is used where there is none. The
 * library weighs a gigabyte and belongs to a process for good: it is loaded when an engine is opened, never
 * to make a list.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import type { Device } from '../../../src-shared/records/device'
import { keepingBackend } from '../recording/backend'
import { DeviceFailure } from '../device-failure'
import { eagerEngine } from './eager'
import type { Engine } from '../engine'
import { mendKernels } from './kernels'
import * as tf from '../tf'

export const TENSORFLOW = 'tensorflow'

/** What `npm run setup:cuda` leaves behind. */
export interface TensorflowRecord {
  /** Version of TensorFlow: "2.21.0". */
  readonly version: string
  /** "NVIDIA GeForce RTX 4090": what TensorFlow ran on when it was set up; absent where that was the CPU. */
  readonly gpu?: string
  /** Of the GPU; absent where its driver does not say. */
  readonly memoryBytes?: number
}

export interface FoundTensorflow extends TensorflowRecord {
  /** Folder of @tensorflow/tfjs-node-gpu. */
  readonly packageFolder: string
}

interface NotFound {
  readonly whyNot: string
}

const PACKAGE = 'node_modules/@tensorflow/tfjs-node-gpu'
/** Under the package's name for the newest Node-API it knows, which every Node since 16 speaks. */
const BINDING = 'lib/napi-v8/tfjs_binding.node'
/** The TensorFlow that the package downloads by itself. */
const OWN_VERSION = '2.9.1'
const SET_UP = '`npm run setup:cuda` installs it on Linux.'

/**
 * @param host what the processor has, for a TensorFlow that runs on it
 * @returns the device as it is listed, with the reason where it cannot be used
 */
export function tensorflowDevice(
  host: Pick<Device, 'memoryBytes' | 'mostThreads'>,
  found: FoundTensorflow | NotFound = findTensorflow(),
): Device {
  const device = { id: TENSORFLOW, name: 'TensorFlow, eager', isDefault: false }
  if ('whyNot' in found) return { ...device, isUsable: false, whyNot: found.whyNot }
  const name = `TensorFlow ${found.version}, ${found.gpu ?? 'CPU'}, eager`
  if (found.gpu === undefined) return { ...device, name, isUsable: true, ...host }
  return {
    ...device,
    name,
    isUsable: true,
    isUntested: true,
    ...(found.memoryBytes !== undefined && { memoryBytes: found.memoryBytes }),
  }
}

/** Looks beside and above this file, from source as from the bundle. @param start the folder to begin in */
export function findTensorflow(start: string = import.meta.dirname): FoundTensorflow | NotFound {
  for (let folder = start; ; folder = dirname(folder)) {
    const cache = join(folder, '.cache/tensorflow')
    if (existsSync(join(cache, 'record.json'))) return recorded(cache)
    const packageFolder = join(folder, PACKAGE)
    if (existsSync(join(packageFolder, BINDING))) return { packageFolder, version: OWN_VERSION }
    if (folder === dirname(folder)) return { whyNot: `TensorFlow is not installed. ${SET_UP}` }
  }
}

function recorded(cache: string): FoundTensorflow | NotFound {
  const packageFolder = join(cache, 'package', PACKAGE)
  if (!existsSync(join(packageFolder, BINDING)))
    return { whyNot: `TensorFlow was installed, but its binding is gone from ${packageFolder}. ${SET_UP}` }
  return {
    ...(JSON.parse(readFileSync(join(cache, 'record.json'), 'utf8')) as TensorflowRecord),
    packageFolder,
  }
}

/**
 * @param threads of the processor; the first engine of a process decides for all that follow, as its name
 *   says
 * @throws DeviceFailure when TensorFlow is not there, does not load, or no longer finds the GPU it was set up
 *   for
 */
export function openTensorflow(threads: number = availableParallelism()): Engine {
  const found = findTensorflow()
  if ('whyNot' in found) throw new DeviceFailure(found.whyNot)
  const { backend, threads: actual } = load(found.packageFolder, threads)
  if (found.gpu !== undefined && !backend.isUsingGpuDevice)
    throw new DeviceFailure(
      `TensorFlow no longer finds ${found.gpu}: is its driver loaded, and CUDA_VISIBLE_DEVICES not ` +
        `empty? \`npm run setup:cuda\` says what there is.`,
    )
  const processor = backend.isUsingGpuDevice
    ? (found.gpu ?? 'NVIDIA GPU')
    : `CPU, ${actual} ${actual === 1 ? 'thread' : 'threads'}`
  return eagerEngine(TENSORFLOW, `TensorFlow ${backend.binding.TF_Version}, ${processor}, eager`)
}

/** The part of the package's backend that says what it runs on. */
interface NodeBackend {
  readonly isUsingGpuDevice: boolean
  readonly binding: { readonly TF_Version: string }
}
interface Loaded {
  readonly backend: NodeBackend
  readonly threads: number
}
let loaded: Loaded | undefined

function load(packageFolder: string, threads: number): Loaded {
  if (loaded) return loaded
  const require = createRequire(import.meta.url)
  restoreIsNullOrUndefined(require('node:util') as Record<string, unknown>)
  setEnvironment(threads)
  try {
    keepingBackend(() => require(packageFolder)) // it registers its backend and makes it the current one
  } catch (error) {
    throw new DeviceFailure(
      'TensorFlow does not load: ' +
        `${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`,
      { cause: error },
    )
  }
  const backend = tf.findBackend(TENSORFLOW) as unknown as NodeBackend | null
  if (!backend)
    throw new DeviceFailure(
      'TensorFlow registered itself with another copy of TensorFlow.js: remove @tensorflow/tfjs from ' +
        `${packageFolder}`,
    )
  mendKernels(TENSORFLOW)
  loaded = { backend, threads }
  return loaded
}

/** Node 23 dropped this function, which the package calls. */
function restoreIsNullOrUndefined(util: Record<string, unknown>): void {
  util['isNullOrUndefined'] ??= (value: unknown): boolean => value === null || value === undefined
}

/**
 * TensorFlow and NVIDIA's libraries read these when they start. What is set already stays, but for the
 * threads, which are an argument.
 */
function setEnvironment(threads: number): void {
  process.env['TF_NUM_INTRAOP_THREADS'] = String(threads)
  process.env['TF_NUM_INTEROP_THREADS'] = '1' // an eager program is one kernel after another
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2' // errors only
  process.env['TF_DETERMINISTIC_OPS'] ??= '1' // the same seed gives the same run, on a GPU too
  // float32 products, not ones of 10 bits: every device computes the same
  process.env['NVIDIA_TF32_OVERRIDE'] ??= '0'
  process.env['CUDA_DEVICE_ORDER'] ??= 'PCI_BUS_ID' // as nvidia-smi lists them
  // without it TensorFlow takes the GPU's whole memory at once
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true'
}
