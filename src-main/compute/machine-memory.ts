/**
 * The memory of this machine, as far as this process may use it: a container is told less than the machine
 * has.
 */
import { freemem, totalmem } from 'node:os'

/** Of a machine's memory; the rest is left to the system and to the studio itself. */
export const usableShare = 0.9

export interface MachineMemory {
  readonly totalBytes: number
  /** What could be had now without pushing anything out. */
  readonly availableBytes: number
}

/** What the system says. A limit that is not there is 0, or more than there is. */
export interface SystemMemory {
  readonly total: number
  readonly free: number
  /** Of the control group this process runs in. */
  readonly limit: number
  /** Left of that limit. */
  readonly leftOfLimit: number
}

export function machineMemory(system: SystemMemory = asked()): MachineMemory {
  const totalBytes = isLimit(system) ? system.limit : system.total
  return {
    totalBytes,
    availableBytes: Math.min(system.free, isLimit(system) ? system.leftOfLimit : system.total),
  }
}

const isLimit = ({ limit, total }: SystemMemory): boolean => limit > 0 && limit < total

/** `availableMemory` is younger than some of the Node.js versions we run on; it knows the limit, too. */
function asked(): SystemMemory {
  const { constrainedMemory, availableMemory } = process as {
    constrainedMemory?(): number
    availableMemory?(): number
  }
  const free = freemem()
  return {
    total: totalmem(),
    free,
    limit: constrainedMemory?.() ?? 0,
    leftOfLimit: availableMemory?.() ?? free,
  }
}
