/** Whether there is such a device, whether it can be used, and with so many threads. */
import type { Device } from '../../src-shared/records/device'
import type { Problems } from './problems'

export type ListDevices = () => Promise<readonly Device[]>

interface Wanted {
  /** Undefined: the machine's default. */
  readonly device?: string | undefined
  readonly threads?: number | undefined
}

/** @returns the id of the device that was found; empty when there is none */
export async function checkDevice(
  devices: ListDevices,
  { device: wanted, threads }: Wanted,
  problems: Problems,
): Promise<string> {
  const all = await devices()
  const device = all.find((each) => (wanted === undefined ? each.isDefault : each.id === wanted))
  if (!device) problems.push({ field: 'device', problem: `There is no device “${wanted}” on this machine.` })
  else if (!device.isUsable)
    problems.push({ field: 'device', problem: device.whyNot ?? 'This device cannot be used.' })
  else if (threads !== undefined) checkThreads(device, threads, problems)
  return device?.id ?? ''
}

function checkThreads({ mostThreads }: Device, threads: number, problems: Problems): void {
  if (mostThreads === undefined)
    problems.push({ field: 'threads', problem: 'This device takes no number of threads.' })
  else if (!Number.isInteger(threads) || threads < 1 || threads > mostThreads)
    problems.push({
      field: 'threads',
      problem: `must be a whole number from 1 to ${mostThreads}, the cores of this machine`,
    })
}
