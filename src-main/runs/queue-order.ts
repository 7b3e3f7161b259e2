/** Where a waiting run can be put among those that wait. */
import type { QueueMove } from '../../src-shared/records/run'

const targets: Readonly<Record<QueueMove, (from: number, last: number) => number>> = {
  first: () => 0,
  up: (from) => Math.max(0, from - 1),
  down: (from, last) => Math.min(last, from + 1),
  last: (_, last) => last,
}

/** @returns the new order; the old one, where the run does not wait */
export function moved(waiting: readonly string[], runId: string, move: QueueMove): readonly string[] {
  const from = waiting.indexOf(runId)
  if (from < 0) return waiting
  const others = waiting.filter((each) => each !== runId)
  return others.toSpliced(targets[move](from, others.length), 0, runId)
}
