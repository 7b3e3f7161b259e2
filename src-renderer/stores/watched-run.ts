/** What is known of one run that is on screen: its curves, samples, log and checkpoints, growing as they come. */
import { shallowRef, triggerRef, type ShallowRef } from 'vue'
import type { MetricName } from '../../src-shared/metrics'
import type { Checkpoint, LogLine, RunUpdate, Sample } from '../../src-shared/records'
import type { Api } from '../../src-shared/wire'
import { follow } from './following'
import { appendPoint, emptySeries, rewind, type Series } from './series'

export interface WatchedRun {
  readonly runId: string
  readonly series: Map<MetricName, Series>
  samples: Sample[]
  log: LogLine[]
  checkpoints: Checkpoint[]
  /** Whether what is stored has arrived. */
  isLoaded: boolean
  problem: string | undefined
}

export interface RunWatch {
  /** Changed in place and announced once a batch. */
  readonly watched: ShallowRef<WatchedRun>
  readonly close: () => void
}

export function watchRun(api: Api, runId: string): RunWatch {
  const watched = shallowRef<WatchedRun>({ runId, series: new Map(), samples: [], log: [], checkpoints: [], isLoaded: false, problem: undefined })
  const close = follow(api, 'runs.watch', {
    input: () => ({ runId, sinceStep: newestStep(watched.value) }),
    onItem(update, isFirst) {
      if (isFirst) forgetLists(watched.value)
      take(watched.value, update)
      triggerRef(watched)
    },
    onProblem(problem) {
      if (problem === watched.value.problem) return
      watched.value.problem = problem
      triggerRef(watched)
    },
  })
  return { watched, close }
}

/** Samples, log and checkpoints come whole with each new listening; only points go on from a step. */
function forgetLists(run: WatchedRun): void {
  run.samples = []
  run.log = []
  run.checkpoints = []
  run.isLoaded = true
}

function take(run: WatchedRun, { rewoundTo, points = [], samples = [], log = [], checkpoints = [] }: RunUpdate): void {
  if (rewoundTo !== undefined) goBack(run, rewoundTo)
  for (const { name, step, value } of points) appendPoint(seriesOf(run, name), step, value)
  run.samples.push(...samples)
  run.log.push(...log)
  run.checkpoints.push(...checkpoints)
}

function goBack(run: WatchedRun, step: number): void {
  for (const series of run.series.values()) rewind(series, step)
  run.samples = run.samples.filter((sample) => sample.step <= step)
  run.checkpoints = run.checkpoints.filter((checkpoint) => checkpoint.step <= step)
}

function seriesOf(run: WatchedRun, name: MetricName): Series {
  let series = run.series.get(name)
  if (!series) run.series.set(name, series = emptySeries())
  return series
}

function newestStep(run: WatchedRun): number {
  let newest = -1
  for (const { steps, length } of run.series.values()) newest = Math.max(newest, length > 0 ? steps[length - 1] ?? -1 : -1)
  return newest
}
