/** Whether a run fits into this machine's memory, and what would make it fit when it does not. */
import { bytesText } from '../../src-shared/sizes'
import type { MemoryNeed, RunNeeds } from '../../src-shared/records/run'
import type { FieldProblem } from '../../src-shared/result'
import { listed } from '../../src-shared/words'
import { usableShare, type MachineMemory } from '../compute/machine-memory'
import { onEightBits, type Room, type Smaller } from '../trainers/smaller'
import { trainerOf } from '../trainers/trainers'
import type { SizedRun } from './sized-run'

export type PredictMemory = (run: SizedRun) => Promise<MemoryNeed>

const mostChanges = 3
/** A change that was not enough is made so much stronger. */
const attempts = [0.9, 0.6, 0.3]

/** What the run needs, against what the machine has; with problems when it cannot fit. */
export async function runNeeds(
  run: SizedRun,
  predict: PredictMemory,
  { totalBytes, availableBytes }: MachineMemory,
): Promise<RunNeeds> {
  const need = await predict(run)
  const bytes = bytesOf(need)
  const usable = usableShare * totalBytes
  const needs = { need, bytes, machineBytes: totalBytes, freeBytes: availableBytes }
  return { ...needs, problems: bytes <= usable ? [] : [await refusal(run, need, predict, usable)] }
}

export const bytesOf = (need: MemoryNeed): number =>
  Object.values(need).reduce((sum: number, part: number) => sum + part, 0)

async function refusal(
  run: SizedRun,
  need: MemoryNeed,
  predict: PredictMemory,
  usable: number,
): Promise<FieldProblem> {
  const room = {
    activations: Math.max(0.001, (usable - (bytesOf(need) - need.activations)) / need.activations),
    whole: usable / bytesOf(need),
  }
  const found = await waysToFit(run, room, predict, usable)
  const most = Object.entries(need).sort(([, a], [, b]) => b - a)[0]
  const numbers =
    `The run needs about ${bytesText(bytesOf(need))}, ${bytesText(most?.[1] ?? 0)} of it for ` +
    `${partWords[most?.[0] as keyof MemoryNeed]}; this machine has ${bytesText(usable / usableShare)}.`
  const way =
    found.length === 0
      ? 'No single setting makes it fit: choose a smaller model.'
      : `It fits with ${listed(found.map(({ words }) => words))}.`
  return {
    field: found[0]?.field ?? changesOf(run)[0]?.field ?? '',
    problem: `${numbers} ${way}`,
  }
}

/** A trainer's own, and what all have that train adapters. */
const changesOf = (run: SizedRun): readonly Smaller[] => [...trainerOf(run.recipe).smaller, onEightBits]

interface Way {
  readonly field: string
  readonly words: string
}

/** At most three: single settings first, then a switch together with a smaller number. */
async function waysToFit(
  run: SizedRun,
  room: Room,
  predict: PredictMemory,
  usable: number,
): Promise<readonly Way[]> {
  const found: Way[] = []
  const isNew = (field: string) => found.length < mostChanges && !found.some((way) => way.field === field)
  for (const change of changesOf(run)) {
    const value = isNew(change.field) ? await enough(change, run, room, predict, usable) : undefined
    if (value !== undefined) found.push({ field: change.field, words: `${change.field} ${value}` })
  }
  if (found.length === 0) return found // what no number makes fit, no switch does
  for (const { field, value } of changesOf(run)) {
    const switched = isNew(field) && field in run.settings ? value(run.settings, room) : undefined
    if (typeof switched !== 'string') continue
    const other = { ...run, settings: { ...run.settings, [field]: switched } }
    const number = changesOf(run).find((change) => change.field === found[0]?.field)
    const beside = number && (await enough(number, other, times(room, 2), predict, usable))
    if (beside !== undefined)
      found.push({ field, words: `${field} ${switched} and ${number?.field} ${beside}` })
  }
  return found
}

const times = ({ activations, whole }: Room, factor: number): Room => ({
  activations: Math.min(0.95, factor * activations),
  whole: Math.min(0.95, factor * whole),
})

/** The mildest value tried that makes the run fit. */
async function enough(
  { field, value }: Smaller,
  run: SizedRun,
  room: Room,
  predict: PredictMemory,
  usable: number,
): Promise<number | string | undefined> {
  if (!(field in run.settings)) return undefined
  const tried = new Set(attempts.map((strength) => value(run.settings, times(room, strength))))
  for (const next of tried) {
    if (
      next !== undefined &&
      bytesOf(await predict({ ...run, settings: { ...run.settings, [field]: next } })) <= usable
    )
      return next
  }
  return undefined
}

const partWords: Readonly<Record<keyof MemoryNeed, string>> = {
  parameters: 'its parameters',
  gradients: 'gradients',
  optimizer: 'the optimizer',
  activations: 'activations',
  cache: 'what it writes',
  workspace: 'everything around them',
}
