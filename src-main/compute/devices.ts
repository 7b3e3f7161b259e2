/**
 * The devices of this machine, and an engine on one of them.
 */
import { availableParallelism } from 'node:os'
import type { Device } from '../../src-shared/records/device'
import { compiledEngine } from './cpu/compile'
import { deviceEngine } from './webgpu/device-engine'
import { DeviceFailure } from './device-failure'
import type { Engine } from './engine'
import { whyNotCallable } from './cpu/onnx-runtime'
import { machineMemory } from './machine-memory'
import { providersHere, unprobed, type Provider } from './providers/providers'
import { openTensorflow, TENSORFLOW, tensorflowDevice } from './tensorflow/device'

export const COMPILED_CPU = 'cpu'

/** What the devices of a processor follow from. */
export interface Machine {
  readonly mostThreads: number
  readonly memoryBytes: number
}

const thisMachine = (): Machine => ({
  mostThreads: availableParallelism(),
  memoryBytes: machineMemory().totalBytes,
})

/**
 * What is known without trying anything. Providers of GPUs must be tried in a process of their own
 * (`probe.ts`).
 */
export function listDevices(machine: Machine = thisMachine()): readonly Device[] {
  const name = compiledName(machine.mostThreads)
  return [{ id: COMPILED_CPU, name, isUsable: true, isDefault: true, ...machine }, tensorflowDevice(machine)]
}

function compiledName(threads: number): string {
  return `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}, compiled`
}

/** @throws DeviceFailure when there is no such device, or it has not so many threads */
export async function openEngine(
  deviceId: string = COMPILED_CPU,
  threads?: number,
  most: number = availableParallelism(),
): Promise<Engine> {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= most))
    throw new DeviceFailure(`${threads} threads are not possible: this machine has ${most}.`)
  if (deviceId === COMPILED_CPU) return openCpu(threads ?? most)
  if (deviceId === TENSORFLOW) return openTensorflow(threads ?? most)
  const provider = providersHere().find(({ id }) => id === deviceId)
  if (!provider)
    throw new DeviceFailure(
      `There is no device “${deviceId}” on this machine: \`studio devices\` lists them.`,
    )
  return openProvider(provider, threads ?? most)
}

/**
 * Where ONNX Runtime's library cannot be called directly, its binding for Node runs the same graphs, with
 * copies.
 */
function openCpu(threads: number): Engine {
  const why = whyNotCallable()
  return compiledEngine(
    why === undefined
      ? { threads }
      : { threads, provider: { target: 'cpu', device: `${compiledName(threads)}, with copies (${why})` } },
  )
}

/** It is loaded with the first program: then it shows whether it starts. */
function openProvider(provider: Provider, threads: number): Engine {
  const { name } = unprobed(provider)
  return provider.isResident
    ? deviceEngine(name)
    : compiledEngine({ threads, provider: { target: provider.id, device: name } })
}
