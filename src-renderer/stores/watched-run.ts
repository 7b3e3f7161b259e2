/**
 * What is known of one run that is on screen: its curves, samples, log and checkpoints, growing as they come.
 */
import { shallowRef, type ShallowRef } from 'vue'
import type { MetricName } from '../../src-shared/metrics'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { LogLine, RunUpdate } from '../../src-shared/records/run'
import type { RewardReport } from '../../src-shared/records/reward-report'
import type { Sample } from '../../src-shared/records/sample'
import type { Api } from '../../src-shared/wire'
import { follow } from './following'
import { appendPoint, emptySeries, rewind, type Series } from './series'

export interface WatchedRun {
  readonly runId: string
  /** Grown in place; a new `WatchedRun` announces it. */
  readonly series: Map<MetricName, Series>
  readonly samples: readonly Sample[]
  readonly log: readonly LogLine[]
  readonly checkpoints: readonly Checkpoint[]
  /** What a reward model is worth, as last measured. */
  readonly report: RewardReport | undefined
  /** Whether what is stored has arrived. */
  readonly isLoaded: boolean
  readonly problem: string | undefined
}

export interface RunWatch {
  /** Announced once a batch. */
  readonly watched: ShallowRef<WatchedRun>
  readonly close: () => void
}

export function watchRun(api: Api, runId: string): RunWatch {
  const watched = shallowRef<WatchedRun>({
    runId,
    series: new Map(),
    samples: [],
    log: [],
    checkpoints: [],
    report: undefined,
    isLoaded: false,
    problem: undefined,
  })
  const close = follow(api, 'runs.watch', {
    input: () => ({ runId, sinceStep: newestStep(watched.value) }),
    // Samples, log, checkpoints and report come whole with each new listening; only points go on from a step.
    onItem: (update, isFirst) => {
      watched.value = grown(
        isFirst
          ? { ...watched.value, samples: [], log: [], checkpoints: [], report: undefined, isLoaded: true }
          : watched.value,
        update,
      )
    },
    onProblem: (problem) => {
      if (problem !== watched.value.problem) watched.value = { ...watched.value, problem }
    },
  })
  return { watched, close }
}

function grown(
  before: WatchedRun,
  { rewoundTo, points = [], samples, log, checkpoints, report }: RunUpdate,
): WatchedRun {
  const run = rewoundTo === undefined ? before : rewound(before, rewoundTo)
  for (const { name, step, value } of points) appendPoint(seriesOf(run, name), step, value)
  return {
    ...run,
    ...(samples && { samples: [...run.samples, ...samples] }),
    ...(log && { log: [...run.log, ...log] }),
    ...(checkpoints && { checkpoints: [...run.checkpoints, ...checkpoints] }),
    ...(report && { report }),
  }
}

function rewound(run: WatchedRun, step: number): WatchedRun {
  for (const series of run.series.values()) rewind(series, step)
  const stays = (item: { readonly step: number }) => item.step <= step
  return {
    ...run,
    samples: run.samples.filter(stays),
    checkpoints: run.checkpoints.filter(stays),
    report: run.report && stays(run.report) ? run.report : undefined,
  }
}

function seriesOf(run: WatchedRun, name: MetricName): Series {
  let series = run.series.get(name)
  if (!series) run.series.set(name, (series = emptySeries()))
  return series
}

function newestStep(run: WatchedRun): number {
  let newest = -1
  for (const { steps, length } of run.series.values())
    newest = Math.max(newest, length > 0 ? (steps[length - 1] ?? -1) : -1)
  return newest
}
