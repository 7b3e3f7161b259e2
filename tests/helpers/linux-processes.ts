/** Processes as Linux lists them below `/proc`. */
import { readdirSync, readFileSync } from 'node:fs'

/** Processes whose parent is this one. */
export function childrenOf(pid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((each) => parentOf(each) === pid)
}

/** @returns undefined when it has ended, waited for or not */
export function parentOf(pid: number): number | undefined {
  const status = statusOf(pid)
  return status === undefined || /^State:\s+Z/m.test(status)
    ? undefined
    : Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1])
}

export async function goneWithinMs(pid: number, patienceMs: number): Promise<boolean> {
  const endMs = Date.now() + patienceMs
  while (parentOf(pid) !== undefined) {
    if (Date.now() >= endMs) return false
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return true
}

/** What it holds in memory now, in MB; 0 when it has ended. */
export const residentMb = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(statusOf(pid) ?? '')?.[1] ?? 0) / 1024

function statusOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return undefined // it has ended since it was listed
  }
}
