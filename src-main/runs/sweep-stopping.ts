/**
 * Stops runs of a sweep that are behind its others, as they measure. What a run has measured is read once and then
 * heard of.
 */
import { metrics, type MetricName } from '../../src-shared/metrics'
import type { Run, RunUpdate } from '../../src-shared/records/run'
import type { Sweep } from '../../src-shared/records/sweep'
import { measuredBy, metricTitle } from '../../src-shared/sweeps/ranking'
import type { StudioChanges } from '../changes/studio-changes'
import { behindMedian, type Behind, type Course } from '../maths/median-stopping'
import type { ReadableDb } from '../store/handle'
import { courseOf } from '../store/metric-points'
import { sweepOf } from '../store/sweeps'

export interface SweepStopping {
  readonly db: ReadableDb
  readonly changes: Pick<StudioChanges, 'updates'>
  readonly stop: (runId: string, reason: string) => void
}

/** @returns how to end it */
export function stopRunsBehind({ db, changes, stop }: SweepStopping): () => void {
  const courses = keptCourses(db)
  return changes.updates.subscribe(({ runId, update }) => {
    courses.hear(runId, update)
    const sweep = sweepUnderWay(db, update)
    if (!sweep?.plan.stopping) return
    const metric = measuredBy(sweep)
    const { better } = metrics[metric]
    if (better === 'neither' || !update.points?.some(({ name }) => name === metric)) return
    const others = sweep.runIds.filter((each) => each !== runId).map((each) => courses.of(each, metric))
    const behind = behindMedian(courses.of(runId, metric), others, { better, ...sweep.plan.stopping })
    if (behind) stop(runId, reasonOf(behind, metric, better))
  })
}

interface KeptCourses {
  hear(runId: string, update: RunUpdate): void
  of(runId: string, metric: MetricName): Course
}

function keptCourses(db: ReadableDb): KeptCourses {
  const kept = new Map<
    string,
    { readonly metric: MetricName; readonly steps: number[]; readonly values: number[] }
  >()
  return {
    hear: (runId, { points = [], rewoundTo }) => {
      if (rewoundTo !== undefined) kept.delete(runId)
      const course = kept.get(runId)
      for (const { name, step, value } of course ? points : []) {
        if (name !== course?.metric || !(step > (course.steps.at(-1) ?? -1))) continue
        course.steps.push(step)
        course.values.push(value)
      }
    },
    of: (runId, metric) => {
      const known = kept.get(runId)
      if (known?.metric === metric) return known
      const read = { metric, ...courseOf(db, runId, metric) }
      kept.set(runId, read)
      return read
    },
  }
}

/** The sweep of a run that is under way. */
const sweepUnderWay = (db: ReadableDb, { run }: RunUpdate): Sweep | undefined =>
  run?.sweepId !== undefined && isUnderWay(run) ? sweepOf(db, run.sweepId) : undefined

/** One that has done its last update goes to its end: there is nothing to save by stopping it. */
const isUnderWay = ({ state, step, totalSteps }: Run): boolean => state === 'running' && step < totalSteps

function reasonOf(behind: Behind, metric: MetricName, better: 'higher' | 'lower'): string {
  const { step, best, median, others } = behind
  const side = better === 'higher' ? 'below' : 'above'
  const held = others === 1 ? 'the mean of one other' : `the median of the means of ${others} others`
  const label = metricTitle(metric).toLowerCase()
  const found = `${label} was ${figure(best)} at best, ${side} ${figure(median)}`
  return `Stopped early at update ${step}: ${found}, ${held} until then.`
}

const figure = (value: number): string => String(Number(value.toPrecision(3)))
