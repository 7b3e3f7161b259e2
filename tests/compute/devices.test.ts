import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DeviceFailure, failureOf } from '../../src-main/compute/device-failure'
import { listDevices, openEngine } from '../../src-main/compute/devices'
import {
  cardInSysfs,
  cardOfMac,
  cardOfNvidia,
  cardOfWindows,
  softwareVulkan,
} from '../../src-main/compute/providers/graphics-card'
import type { Float1D } from '../../src-main/compute/engine'
import { allocate } from '../../src-main/compute/parameters'
import { whyNotLoaded } from '../../src-main/compute/providers/probe'
import { providersHere } from '../../src-main/compute/providers/providers'
import * as tf from '../../src-main/compute/tf'

const machine = { mostThreads: 4, memoryBytes: 8 * 2 ** 30 }

describe('the device list', () => {
  it('has the compiled CPU as its default, with its memory and its threads', () => {
    expect(listDevices(machine)[0]).toEqual({
      id: 'cpu',
      name: 'CPU, 4 threads, compiled',
      isUsable: true,
      isDefault: true,
      ...machine,
    })
  })

  it('has one default, and shows every device that cannot be used with its reason', () => {
    const devices = listDevices(machine)
    expect(devices.filter(({ isDefault }) => isDefault)).toHaveLength(1)
    for (const device of devices) expect(device.isUsable).toBe(device.whyNot === undefined)
  })

  it('knows on which platform which provider can be', () => {
    const ids = (platform: string) => providersHere(platform).map(({ id }) => id)
    expect(ids('linux-x64')).toEqual(['webgpu', 'cuda'])
    expect(ids('linux-arm64')).toEqual([])
    expect(ids('win32-x64')).toEqual(['webgpu', 'dml'])
    expect(ids('darwin-arm64')).toEqual(['webgpu', 'coreml'])
  })
})

describe('opening an engine', () => {
  it('names it by its threads', async () => {
    expect((await openEngine('cpu', 1)).device).toBe('CPU, 1 thread, compiled')
    expect((await openEngine('cpu', undefined, 4)).device).toBe('CPU, 4 threads, compiled')
  })

  it.each([0, -1, 1.5, NaN, 5])('refuses %d threads', async (threads) => {
    await expect(openEngine('cpu', threads, 4)).rejects.toThrow(
      new DeviceFailure(`${threads} threads are not possible: this machine has 4.`),
    )
  })

  it('refuses a device that is not there', async () => {
    await expect(openEngine('abacus')).rejects.toThrow('There is no device “abacus” on this machine')
    await expect(openEngine('coreml')).rejects.toThrow('There is no device “coreml” on this machine')
  })

  it('says in a sentence when a device does not start', async () => {
    const engine = await openEngine('cuda') // its libraries are never beside the package that npm installs
    const program = engine.program<{ x: Float1D }>((_, { x }) => ({ y: tf.exp(x) }))
    await expect(program.run(allocate({}), { x: { shape: [1], data: Float32Array.of(1) } })).rejects.toThrow(
      'Libraries of ONNX Runtime for this device are not installed',
    )
    engine.dispose()
  })
})

describe('what a provider says when it does not load', () => {
  it('becomes a sentence', () => {
    expect(
      whyNotLoaded(
        'WebGPU',
        new Error(
          'webgpu_context.cc:136 adapter_result.status == Success was false. Failed to get a WebGPU ' +
            'adapter: No supported adapters\n',
        ),
      ),
    ).toMatch(/^No graphics card answers/)
    expect(
      whyNotLoaded(
        'CUDA',
        new Error('OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library'),
      ),
    ).toMatch(/^Libraries of ONNX Runtime for this device are not installed/)
    expect(
      whyNotLoaded(
        'DirectML',
        new Error('a.cc:1 Open() device != nullptr was false. No adapter of feature level 12'),
      ),
    ).toBe('DirectML does not start: No adapter of feature level 12')
  })

  it('is told from what becomes of a device later', () => {
    const message = (text: string) => {
      const failure = failureOf(new Error(text))
      return failure instanceof DeviceFailure ? failure.message : 'no failure of the device'
    }
    expect(message('Failed to allocate memory for requested buffer of size 123')).toBe(
      'The memory of the device is full.',
    )
    expect(message('CUDA failure 2: out of memory ; GPU=0')).toBe('The memory of the device is full.')
    expect(message('std::bad_alloc')).toBe('The memory of the device is full.')
    expect(message('DXGI_ERROR_DEVICE_REMOVED')).toBe(
      'The device was lost: its driver stopped, it was unplugged, or it was reset.',
    )
    expect(message('vkQueueSubmit failed with VK_ERROR_DEVICE_LOST')).toBe(
      'The device was lost: its driver stopped, it was unplugged, or it was reset.',
    )
    expect(message('Invalid rank for input: x')).toBe('no failure of the device')
  })
})

describe('the graphics card', () => {
  it("is read from what NVIDIA's tool says", () => {
    expect(cardOfNvidia('NVIDIA GeForce RTX 4090, 24564\nNVIDIA T400, 2048\n')).toEqual({
      name: 'NVIDIA GeForce RTX 4090',
      memoryBytes: 24564 * 2 ** 20,
    })
    expect(cardOfNvidia('NVIDIA-SMI has failed')).toBeUndefined()
  })

  it('is read from the files of a Linux driver', () => {
    const folder = mkdtempSync(join(tmpdir(), 'drm-'))
    const device = join(folder, 'card1', 'device')
    mkdirSync(device, { recursive: true })
    mkdirSync(join(folder, 'card1-HDMI-A-1'))
    writeFileSync(join(device, 'vendor'), '0x1002\n')
    writeFileSync(join(device, 'device'), '0x73bf\n')
    writeFileSync(join(device, 'mem_info_vram_total'), '17163091968\n')
    expect(cardInSysfs(folder)).toEqual({ name: 'AMD 0x73bf', memoryBytes: 17163091968 })
  })

  it('is read from what macOS and Windows say', () => {
    expect(cardOfMac('{"SPDisplaysDataType":[{"sppci_model":"Apple M3"}]}', 2 ** 34)).toEqual({
      name: 'Apple M3',
      memoryBytes: 2 ** 34,
    })
    expect(
      cardOfWindows(
        '[{"DriverDesc":"Intel UHD","Bytes":null},{"DriverDesc":"AMD Radeon RX 7800","Bytes":17095983104}]',
      ),
    ).toEqual({ name: 'AMD Radeon RX 7800', memoryBytes: 17095983104 })
    expect(cardOfWindows('{"DriverDesc":"Intel UHD","Bytes":null}')).toEqual({ name: 'Intel UHD' })
  })

  it('is called a processor where one plays it', () => {
    expect(softwareVulkan({ VK_ICD_FILENAMES: '/usr/lib/chromium/vk_swiftshader_icd.json' })).toEqual({
      name: 'SwiftShader (the CPU)',
    })
    expect(softwareVulkan({})).toBeUndefined()
  })
})
