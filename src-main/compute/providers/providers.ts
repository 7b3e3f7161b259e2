/**
 * The GPU providers of ONNX Runtime: what each is called, and where there can be one. Whether there is one
 * shows only when it is tried (`probe.ts`).
 */
import type { Device } from '../../../src-shared/records/device'
import type { Target } from '../lower/target'

export interface Provider {
  /** Of the device, and of the provider in ONNX Runtime. */
  readonly id: Exclude<Target, 'cpu'>
  /** For people. */
  readonly name: string
  /** Platforms, as Node names them, whose onnxruntime-node brings it or can load it. */
  readonly platforms: readonly string[]
  /** Weights live on the device; without it they are copied there with every run. */
  readonly isResident: boolean
  /** This project's own tests run it, on a processor that plays the GPU. */
  readonly isTested: boolean
}

export const providers: readonly Provider[] = [
  {
    id: 'webgpu',
    name: 'WebGPU',
    platforms: ['linux-x64', 'win32-x64', 'win32-arm64', 'darwin-arm64'],
    isResident: true,
    isTested: true,
  },
  { id: 'cuda', name: 'CUDA', platforms: ['linux-x64'], isResident: false, isTested: false },
  {
    id: 'dml',
    name: 'DirectML',
    platforms: ['win32-x64', 'win32-arm64'],
    isResident: false,
    isTested: false,
  },
  { id: 'coreml', name: 'CoreML', platforms: ['darwin-arm64'], isResident: false, isTested: false },
]

/** Those that can be on this machine. */
export function providersHere(platform: string = `${process.platform}-${process.arch}`): readonly Provider[] {
  return providers.filter(({ platforms }) => platforms.includes(platform))
}

/** The device as far as it is known before it is tried. */
export function unprobed({ id, name, isTested }: Provider, card = 'GPU'): Device {
  return {
    id,
    name: `${card}, ${name}, compiled`,
    isUsable: false,
    isDefault: false,
    ...(!isTested && { isUntested: true }),
  }
}
