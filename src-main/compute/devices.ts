/**
 * The devices of this machine, and an engine on one of them.
 */
import { availableParallelism } from 'node:os'
import type { Device } from '../../src-shared/records'
import { compiledEngine } from './compile'
import { eagerEngine } from './eager'
import type { Engine } from './engine'

const COMPILED_CPU = 'cpu'
const TENSORFLOW_GPU = 'tensorflow-gpu'

/** Every device there could be, with the reason where one cannot be used. */
export async function listDevices(): Promise<readonly Device[]> {
  const whyNoGpu = await whyNoTensorFlowGpu()
  return [
    { id: COMPILED_CPU, name: compiledName(availableParallelism()), isUsable: true, isDefault: true },
    { id: TENSORFLOW_GPU, name: 'NVIDIA GPU, TensorFlow.js', isUsable: whyNoGpu === undefined, ...(whyNoGpu === undefined ? {} : { whyNot: whyNoGpu }), isDefault: false },
  ]
}

function compiledName(threads: number): string {
  return `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}, compiled`
}

/** @throws when there is no such device or it cannot be used, with the reason */
export async function openEngine(deviceId: string = COMPILED_CPU, threads: number = availableParallelism()): Promise<Engine> {
  if (deviceId === COMPILED_CPU) return compiledEngine({ threads })
  if (deviceId !== TENSORFLOW_GPU) throw new Error(`there is no device "${deviceId}"`)
  const whyNot = await whyNoTensorFlowGpu()
  if (whyNot !== undefined) throw new Error(whyNot)
  return eagerEngine('tensorflow', 'NVIDIA GPU, TensorFlow.js')
}

/** Loads the optional package, which registers its backend. @returns why it does not load, in a sentence for people */
async function whyNoTensorFlowGpu(): Promise<string | undefined> {
  const packageName: string = '@tensorflow/tfjs-node-gpu' // a name, not a literal: it may not be installed
  try {
    await import(/* @vite-ignore */ packageName)
    return undefined
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    return /Cannot find (package|module)/.test(reason) ? 'The optional package @tensorflow/tfjs-node-gpu is not installed.' : `@tensorflow/tfjs-node-gpu does not load: ${reason}`
  }
}
