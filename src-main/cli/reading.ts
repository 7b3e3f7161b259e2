/**
 * Commands that only read: runs, one run, datasets, checkpoints, devices. They work beside an open studio.
 */
import { labelOf } from '../../src-shared/fields'
import { metricNames, metrics, type MetricName } from '../../src-shared/metrics'
import { recipeOf } from '../../src-shared/recipes/recipes'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { Dataset } from '../../src-shared/records/dataset'
import type { Device } from '../../src-shared/records/device'
import type { LogLine, MetricPoint, Run } from '../../src-shared/records/run'
import type { Sample } from '../../src-shared/records/sample'
import { checkpointsOfRun, listCheckpoints } from '../store/checkpoints'
import type { ReadableDb } from '../store/handle'
import { listDatasets } from '../store/datasets'
import { logOf } from '../store/log-lines'
import { pointsSince } from '../store/metric-points'
import { listRuns } from '../store/runs'
import { samplesOfRun } from '../store/samples'
import { byNameOrId } from './look-up'
import type { Terminal } from './terminal'
import { count, duration, figure, megabytes, moment } from './text'
import { table } from './text'

export function runsCommand(db: ReadableDb, terminal: Terminal): void {
  terminal.result(listRuns(db), (runs) =>
    runs.length === 0
      ? 'No runs yet. `studio train --help` shows how to start one.'
      : table(
          ['id', 'recipe', 'name', 'state', 'updates', 'started'],
          runs.map((run) => [
            run.id,
            run.recipe,
            run.name,
            run.state,
            `${count(run.step)} of ${count(run.totalSteps)}`,
            run.startedAtMs === undefined ? '' : moment(run.startedAtMs),
          ]),
        ),
  )
}

export function datasetsCommand(db: ReadableDb, terminal: Terminal): void {
  terminal.result(listDatasets(db), (datasets) =>
    datasets.length === 0
      ? 'No datasets yet. `studio import FILE` brings one in.'
      : table(
          ['id', 'name', 'kind', 'rows', 'terms'],
          datasets.map((dataset: Dataset) => [
            dataset.id,
            dataset.name,
            dataset.kind,
            count(dataset.rows),
            dataset.terms,
          ]),
        ),
  )
}

export function checkpointsCommand(db: ReadableDb, terminal: Terminal): void {
  terminal.result(listCheckpoints(db), (checkpoints) =>
    checkpoints.length === 0
      ? 'No checkpoints yet. `studio train pretrain` makes the first.'
      : checkpointTable(checkpoints),
  )
}

const checkpointTable = (checkpoints: readonly Checkpoint[]): string =>
  table(
    ['id', 'name', 'kind', 'update', 'parameters', 'context', 'size'],
    checkpoints.map((each) => [
      each.id,
      each.name,
      each.kind,
      count(each.step),
      count(each.parameters),
      `${count(each.contextTokens)} tokens`,
      megabytes(each.bytes),
    ]),
  )

export function devicesCommand(devices: readonly Device[], terminal: Terminal): void {
  terminal.result(devices, (all) =>
    table(
      ['id', 'name', 'memory', 'usable'],
      all.map((device) => [
        device.id,
        device.name,
        device.memoryBytes === undefined ? '' : megabytes(device.memoryBytes),
        usableText(device),
      ]),
    ),
  )
}

function usableText({ id, isUsable, isDefault, isUntested, whyNot }: Device): string {
  if (!isUsable) return `no: ${whyNot ?? ''}`
  if (isUntested)
    return (
      `yes, untested by this project's own tests: \`studio selftest --device ${id}\` says whether it ` +
      'computes right here'
    )
  return isDefault ? 'yes, the default' : 'yes'
}

interface ShownRun {
  readonly run: Run
  readonly inputs: Readonly<Record<string, readonly string[]>>
  readonly checkpoints: readonly Checkpoint[]
  readonly samples: readonly Sample[]
  readonly log: readonly LogLine[]
  readonly points: readonly MetricPoint[]
}

export function showCommand(db: ReadableDb, asked: string, terminal: Terminal): void {
  const run = byNameOrId(listRuns(db), asked, 'RUN')
  const names = new Map([...listDatasets(db), ...listCheckpoints(db)].map((each) => [each.id, each.name]))
  const inputs = Object.fromEntries(
    Object.entries(run.inputs).map(([name, ids]) => [name, ids.map((id) => names.get(id) ?? id)]),
  )
  terminal.result(
    {
      run,
      inputs,
      checkpoints: checkpointsOfRun(db, run.id),
      samples: samplesOfRun(db, run.id),
      log: logOf(db, run.id),
      points: pointsSince(db, run.id, -1),
    },
    shownText,
  )
}

function shownText({ run, inputs, checkpoints, samples, log, points }: ShownRun): string {
  const recipe = recipeOf(run.recipe)
  const changed = Object.entries(run.settings).map(
    ([name, value]) =>
      `  ${labelOf(name)}: ` +
      `${value}${unitOf(recipe.fields[name])}${value === recipe.fields[name]?.default ? '' : ` (default ${recipe.fields[name]?.default})`}`,
  )
  const latest = lastValues(points)
  return [
    `${run.name} (${run.id}), ${recipe.title}, ${run.state} at update ${count(run.step)} of ` +
      `${count(run.totalSteps)}${timesOf(run)}`,
    ...(run.error ? [run.error] : []),
    ...Object.entries(inputs).map(([name, all]) => `${labelOf(name)}: ${all.join(', ')}`),
    ...section('Settings', changed),
    ...section(
      'Last values',
      metricNames
        .filter((name) => latest.has(name))
        .map((name) => `  ${name} ${figure(latest.get(name) ?? NaN)} ${metrics[name].unit}`.trimEnd()),
    ),
    ...section('Checkpoints', checkpoints.length === 0 ? [] : [checkpointTable(checkpoints)]),
    ...section(
      'Newest samples',
      newest(samples).map(
        (sample) =>
          '  ' +
          `${JSON.stringify(sample.completion)}${sample.reward === undefined ? '' : `  reward ${figure(sample.reward)}`}`,
      ),
    ),
    ...section(
      'Log',
      log.map(
        (line) => `  ${moment(line.atMs)} ${line.level === 'info' ? '' : `${line.level}: `}${line.text}`,
      ),
    ),
  ].join('\n')
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', title, ...lines]
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
