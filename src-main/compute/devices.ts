/**
 * The devices of this machine, and an engine on one of them.
 */
import { availableParallelism } from 'node:os'
import type { Device } from '../../src-shared/records'
import { compiledEngine } from './compile'
import type { Engine } from './engine'
import { openTensorflow, TENSORFLOW, tensorflowDevice } from './tensorflow-device'

const COMPILED_CPU = 'cpu'

/** Every device there could be, with the reason where one cannot be used. */
export async function listDevices(): Promise<readonly Device[]> {
  return [{ id: COMPILED_CPU, name: compiledName(availableParallelism()), isUsable: true, isDefault: true }, tensorflowDevice()]
}

function compiledName(threads: number): string {
  return `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}, compiled`
}

/** @throws when there is no such device or it cannot be used, with the reason */
export async function openEngine(deviceId: string = COMPILED_CPU, threads: number = availableParallelism()): Promise<Engine> {
  if (deviceId === COMPILED_CPU) return compiledEngine({ threads })
  if (deviceId === TENSORFLOW) return openTensorflow(threads)
  throw new Error(`there is no device "${deviceId}"`)
}
