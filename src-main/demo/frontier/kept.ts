/** What has been measured, in a file beside the registry: after a stop only what is missing is measured. */
import { readFile, rename, writeFile } from 'node:fs/promises'
import type { MeasuredPolicy } from './measured-policy'

export interface KeptMeasurements {
  /** What is known of this key, or what `measure` finds, which is then known. */
  once(key: string, measure: () => Promise<MeasuredPolicy>): Promise<MeasuredPolicy>
}

export async function keptMeasurements(path: string): Promise<KeptMeasurements> {
  const known = new Map(Object.entries(await readKept(path)))
  return {
    async once(key, measure) {
      const before = known.get(key)
      if (before) return before
      const measured = await measure()
      known.set(key, measured)
      await writeFile(`${path}.partial`, JSON.stringify(Object.fromEntries(known)))
      await rename(`${path}.partial`, path)
      return measured
    },
  }
}

/** A file that is not there, or cannot be read, holds nothing. */
async function readKept(path: string): Promise<Record<string, MeasuredPolicy>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, MeasuredPolicy>
  } catch {
    return {}
  }
}
