/** What a run takes of the machine, as a sentence. */
import type { RunNeeds } from '../../src-shared/records/run'
import { bytesText } from '../../src-shared/sizes'

/** "Needs about 1.2 GB of 24.0 GB", and what is free where that is less. */
export function needsText({
  bytes,
  machineBytes,
  freeBytes,
}: Pick<RunNeeds, 'bytes' | 'machineBytes' | 'freeBytes'>): string {
  const needs = `Needs about ${bytesText(bytes)} of ${bytesText(machineBytes)}`
  return bytes <= freeBytes ? needs : `${needs}; ${bytesText(freeBytes)} are free now`
}
