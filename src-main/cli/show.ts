/** `studio show RUN`: one run with all that is kept of it, as text. */
import { labelOf } from '../../src-shared/fields'
import { metricNames, metrics, type MetricName } from '../../src-shared/metrics'
import { recipeOf } from '../../src-shared/recipes/recipes'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { LogLine, MetricPoint, Run } from '../../src-shared/records/run'
import type { RewardReport } from '../../src-shared/records/reward-report'
import type { Sample } from '../../src-shared/records/sample'
import { checkpointsOfRun, listCheckpoints } from '../store/checkpoints'
import { listDatasets } from '../store/datasets'
import type { ReadableDb } from '../store/handle'
import { logOf } from '../store/log-lines'
import { pointsSince } from '../store/metric-points'
import { reportOf } from '../store/reward-reports'
import { listRuns } from '../store/runs'
import { samplesOfRun } from '../store/samples'
import { byNameOrId } from './look-up'
import { checkpointTable } from './reading'
import { reportLines, reportTitle } from './report-lines'
import type { Terminal } from './terminal'
import { count, duration, figure, moment } from './text'

interface ShownRun {
  readonly run: Run
  readonly inputs: Readonly<Record<string, readonly string[]>>
  readonly checkpoints: readonly Checkpoint[]
  readonly samples: readonly Sample[]
  readonly log: readonly LogLine[]
  readonly points: readonly MetricPoint[]
  readonly report?: RewardReport
}

export function showCommand(db: ReadableDb, asked: string, terminal: Terminal): void {
  const run = byNameOrId(listRuns(db), asked, 'RUN')
  const names = new Map([...listDatasets(db), ...listCheckpoints(db)].map((each) => [each.id, each.name]))
  const inputs = Object.fromEntries(
    Object.entries(run.inputs).map(([name, ids]) => [name, ids.map((id) => names.get(id) ?? id)]),
  )
  const report = reportOf(db, run.id)
  terminal.result(
    {
      run,
      inputs,
      checkpoints: checkpointsOfRun(db, run.id),
      samples: samplesOfRun(db, run.id),
      log: logOf(db, run.id),
      points: pointsSince(db, run.id, -1),
      ...(report && { report }),
    },
    shownText,
  )
}

function shownText(shown: ShownRun): string {
  const { run, inputs, checkpoints, samples, log, points, report } = shown
  return [
    headingOf(run),
    ...(run.error ? [run.error] : []),
    ...Object.entries(inputs).map(([name, all]) => `${labelOf(name)}: ${all.join(', ')}`),
    ...section('Settings', settingLines(run)),
    ...section('Last values', valueLines(points)),
    ...(report ? section(reportTitle(report), reportLines(report)) : []),
    ...section('Checkpoints', checkpoints.length === 0 ? [] : [checkpointTable(checkpoints)]),
    ...section('Newest samples', newest(samples).map(sampleLine)),
    ...section('Log', log.map(logLine)),
  ].join('\n')
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', title, ...lines]

function headingOf(run: Run): string {
  const { title } = recipeOf(run.recipe)
  const updates = `${count(run.step)} of ${count(run.totalSteps)}`
  return `${run.name} (${run.id}), ${title}, ${run.state} at update ${updates}${timesOf(run)}`
}

function settingLines({ recipe, settings }: Run): readonly string[] {
  const { fields } = recipeOf(recipe)
  return Object.entries(settings).map(([name, value]) => {
    const standard = fields[name]?.default
    const beside = value === standard ? '' : ` (default ${standard})`
    return `  ${labelOf(name)}: ${value}${unitOf(fields[name])}${beside}`
  })
}

function valueLines(points: readonly MetricPoint[]): readonly string[] {
  const latest = lastValues(points)
  return metricNames
    .filter((name) => latest.has(name))
    .map((name) => `  ${name} ${figure(latest.get(name) ?? NaN)} ${metrics[name].unit}`.trimEnd())
}

function sampleLine({ completion, reward }: Sample): string {
  return `  ${JSON.stringify(completion)}${reward === undefined ? '' : `  reward ${figure(reward)}`}`
}

function logLine({ atMs, level, text }: LogLine): string {
  return `  ${moment(atMs)} ${level === 'info' ? '' : `${level}: `}${text}`
}

const unitOf = (field: object | undefined): string =>
  field && 'unit' in field && field.unit ? ` ${String(field.unit)}` : ''

function timesOf(run: Run): string {
  if (run.startedAtMs === undefined) return ''
  return run.endedAtMs === undefined
    ? `, started ${moment(run.startedAtMs)}`
    : `, started ${moment(run.startedAtMs)}, took ${duration(run.endedAtMs - run.startedAtMs)}`
}

/** The value at each metric's last step. */
function lastValues(points: readonly MetricPoint[]): ReadonlyMap<MetricName, number> {
  return new Map(points.toSorted((a, b) => a.step - b.step).map((point) => [point.name, point.value]))
}

function newest(samples: readonly Sample[]): readonly Sample[] {
  const lastStep = Math.max(...samples.map((sample) => sample.step))
  return samples.filter((sample) => sample.step === lastStep)
}
