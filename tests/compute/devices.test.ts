import { describe, expect, it } from 'vitest'
import { listDevices, openEngine } from '../../src-main/compute/devices'

describe('the device list', () => {
  it('has the compiled CPU as its default', async () => {
    const [first] = await listDevices()
    expect(first).toMatchObject({ id: 'cpu', isUsable: true, isDefault: true })
    expect(first?.name).toMatch(/^CPU, \d+ threads?, compiled$/)
  })

  it('shows every device that cannot be used with its reason', async () => {
    for (const device of await listDevices()) expect(device.isUsable).toBe(device.whyNot === undefined)
  })

  it('opens what it lists, and refuses the rest with the reason', async () => {
    for (const { id, isUsable, whyNot } of await listDevices()) {
      if (isUsable) (await openEngine(id, 1)).dispose()
      else await expect(openEngine(id, 1)).rejects.toThrow(whyNot)
    }
    await expect(openEngine('abacus', 1)).rejects.toThrow('there is no device "abacus"')
  })

  it('names an engine by its threads', async () => {
    expect((await openEngine('cpu', 1)).device).toBe('CPU, 1 thread, compiled')
    expect((await openEngine('cpu', 2)).device).toBe('CPU, 2 threads, compiled')
  })
})
