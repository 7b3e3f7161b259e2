/** Every change that a window may be watching. Published after the registry has it. */
import type { RunsChange, RunUpdate } from '../../src-shared/records/run'
import type { Asker } from './asker'
import { topic, type Topic } from './topic'

export type RunRows = Omit<RunsChange, 'trends'>

export interface QueueChange {
  readonly queueId: string
  /** Whose verdict it was: they have been answered and need not be told. */
  readonly asker?: Asker
}

export interface StudioChanges {
  readonly datasets: Topic<void>
  readonly checkpoints: Topic<void>
  /** Rows of runs. */
  readonly runs: Topic<RunRows>
  /** A sweep was made, or has lost a run. */
  readonly sweeps: Topic<void>
  /** A plan was made, or stands otherwise. */
  readonly plans: Topic<void>
  /** What happened within a run. */
  readonly updates: Topic<{ readonly runId: string; readonly update: RunUpdate }>
  /** A queue's judgments, its comparisons, or why no more come. */
  readonly queues: Topic<QueueChange>
  /** The registry's file is lost, or there again. */
  readonly registry: Topic<void>
}

export const studioChanges = (): StudioChanges => ({
  datasets: topic(),
  checkpoints: topic(),
  runs: topic(),
  sweeps: topic(),
  plans: topic(),
  updates: topic(),
  queues: topic(),
  registry: topic(),
})

/** A run's row and what else is new of it, to all who watch either. */
export function publishUpdate(changes: StudioChanges, runId: string, update: RunUpdate): void {
  changes.updates.publish({ runId, update })
  if (update.run) changes.runs.publish({ runs: [update.run], removed: [] })
  if (update.checkpoints) changes.checkpoints.publish()
}

/** The newest row of each run counts. */
export function mergeRuns(before: RunRows, now: RunRows): RunRows {
  const newer = new Set([...now.runs.map((run) => run.id), ...now.removed])
  return {
    runs: [...before.runs.filter((run) => !newer.has(run.id)), ...now.runs],
    removed: [...before.removed, ...now.removed],
  }
}

export function mergeUpdates(before: RunUpdate, now: RunUpdate): RunUpdate {
  const kept = now.rewoundTo === undefined ? before : rewound(before, now.rewoundTo)
  return {
    ...kept,
    ...now,
    ...(before.rewoundTo !== undefined &&
      now.rewoundTo !== undefined && { rewoundTo: Math.min(before.rewoundTo, now.rewoundTo) }),
    ...(kept.points && now.points && { points: [...kept.points, ...now.points] }),
    ...(kept.samples && now.samples && { samples: [...kept.samples, ...now.samples] }),
    ...(kept.log && now.log && { log: [...kept.log, ...now.log] }),
    ...(kept.checkpoints && now.checkpoints && { checkpoints: [...kept.checkpoints, ...now.checkpoints] }),
  }
}

function rewound({ report, ...update }: RunUpdate, step: number): RunUpdate {
  const stays = (item: { readonly step: number }) => item.step <= step
  return {
    ...update,
    ...(report && stays(report) && { report }),
    ...(update.points && { points: update.points.filter(stays) }),
    ...(update.samples && { samples: update.samples.filter(stays) }),
    ...(update.checkpoints && { checkpoints: update.checkpoints.filter(stays) }),
  }
}
