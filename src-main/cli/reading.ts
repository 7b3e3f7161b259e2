/** Commands that only list: runs, datasets, checkpoints, devices. They work beside an open studio. */
import { datasetWords, readingLines } from '../../src-shared/dataset-words'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { Dataset } from '../../src-shared/records/dataset'
import type { Device } from '../../src-shared/records/device'
import { countOf } from '../../src-shared/sizes'
import { listCheckpoints } from '../store/checkpoints'
import { summaryOf } from '../store/dataset-summary'
import { listDatasets } from '../store/datasets'
import type { ReadableDb } from '../store/handle'
import { listRuns } from '../store/runs'
import { byNameOrId } from './look-up'
import type { Terminal } from './terminal'
import { count, megabytes, moment, table } from './text'

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

/** What a dataset holds, which runs learned from it, and how its file was read. */
export function datasetCommand(db: ReadableDb, asked: string, terminal: Terminal): void {
  const dataset = byNameOrId(listDatasets(db), asked, 'DATASET')
  const { usedBy, reading, tags } = summaryOf(db, dataset.id, { search: '' })
  terminal.result(
    { ...dataset, usedBy, ...(tags && { tags }), ...(reading && { reading }) },
    ({ name, id, rows, kind, terms }) =>
      [
        `${name} (${id}): ${countOf(rows, ...datasetWords[kind].row)}, ${megabytes(dataset.bytes)}`,
        ...(dataset.excluded ? [`${countOf(dataset.excluded, 'row')} left out of training.`] : []),
        ...(tags
          ? [`Tags: ${tags.map(({ tag, rows: tagged }) => `${tag} (${count(tagged)})`).join(', ')}.`]
          : []),
        ...(terms ? [terms] : []),
        usedBy.length > 0 ? `Used by ${usedBy.join(', ')}.` : 'Used by no run yet.',
        ...(reading ? readingLines(reading) : []),
      ].join('\n'),
  )
}

export function checkpointsCommand(db: ReadableDb, terminal: Terminal): void {
  terminal.result(listCheckpoints(db), (checkpoints) =>
    checkpoints.length === 0
      ? 'No checkpoints yet. `studio train pretrain` makes the first.'
      : checkpointTable(checkpoints),
  )
}

export const checkpointTable = (checkpoints: readonly Checkpoint[]): string =>
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
