/**
 * A dataset into one file for other programs: whole or not at all. All rows are looked at before the first is written,
 * so that what the form cannot hold is said with its row.
 */
import { rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  containersOf,
  type DatasetContainer,
  type DatasetForm,
  type ExportedDataset,
} from '../../src-shared/records/export'
import type { Example } from '../../src-shared/records/example'
import { StudioFailure } from '../../src-shared/result'
import { breathe } from '../changes/topic'
import { RowProblem } from '../data/refuse'
import { alsoOf, noneYet } from '../data/writing/any-of'
import { exportForms } from '../data/writing/export-forms'
import type { AnyOf, WrittenRow } from '../data/writing/form'
import { columnTypes } from '../data/writing/row-types'
import { containers } from '../data/writing/containers'
import { diskFailure } from '../places/disk-failure'
import { noFolder } from '../places/no-folder'
import type { ReadableDb } from '../store/handle'
import { datasetOf } from '../store/datasets'
import { newestVersion } from '../store/example-versions'
import { everyExampleOf, examplesOf } from '../store/examples'
import { judgmentWatermark } from '../store/judgments'

export interface ExportRequest {
  readonly datasetId: string
  readonly form: DatasetForm
  readonly container: DatasetContainer
  /** Whether the rows that are left out of training go with the others. */
  readonly withExcluded?: boolean | undefined
  /** In which the file is made. */
  readonly folder: string
}

const rowsAtOnce = 500

/** @throws StudioFailure invalid-input, for a row that the form cannot hold or a folder that is none; storage */
export async function exportDataset(
  db: ReadableDb,
  { datasetId, form, container, withExcluded = false, folder }: ExportRequest,
  signal: AbortSignal,
): Promise<ExportedDataset> {
  if (!containersOf(form).includes(container))
    throw invalid('container', `${exportForms[form].title} has no form as ${container}`)
  const { name, origin, excluded = 0 } = datasetOf(db, datasetId)
  const until = {
    version: newestVersion(db),
    ...(origin === 'judgments' && { judgment: judgmentWatermark(db) }),
  }
  const read = withExcluded ? everyExampleOf : examplesOf
  const examples = (): Iterable<Example> => read(db, datasetId, until)
  const any = await anyOf(examples())
  const rows = (): AsyncGenerator<WrittenRow> => rowsIn(form, any, { examples: examples(), signal })
  const columns = columnTypes()
  let count = 0
  for await (const row of rows()) {
    columns.look(row)
    count++
  }
  if (count === 0)
    throw invalid('datasetId', excluded > 0 ? 'has no rows but those that are left out' : 'has no rows yet')
  const path = await freePath(folder, `${fileName(name)}.${form}`, container)
  await written(path, (part) => containers[container](part, rows(), columns.types()))
  return { path, rows: count, bytes: (await stat(path)).size }
}

const invalid = (field: string, problem: string): StudioFailure =>
  new StudioFailure({ kind: 'invalid-input', field, problem })

async function anyOf(examples: Iterable<Example>): Promise<AnyOf> {
  let read = 0
  let found = noneYet
  for (const example of examples) {
    if (++read % rowsAtOnce === 0) await breathe()
    found = alsoOf(found, example)
  }
  return found
}

interface Source {
  readonly examples: Iterable<Example>
  readonly signal: AbortSignal
}

async function* rowsIn(
  form: DatasetForm,
  any: AnyOf,
  { examples, signal }: Source,
): AsyncGenerator<WrittenRow> {
  let row = 0
  const each = async function* (): AsyncGenerator<Example> {
    let read = 0
    for (const example of examples) {
      if (++read % rowsAtOnce === 0) await breathe()
      if (signal.aborted) throw new StudioFailure({ kind: 'cancelled' })
      row = example.row
      yield example
    }
  }
  const exported = exportForms[form]
  try {
    if ('joined' in exported) yield* exported.joined(each())
    else for await (const example of each()) yield* exported.rows(example, any)
  } catch (error) {
    if (!(error instanceof RowProblem)) throw error
    throw invalid('form', `${exported.title} cannot hold row ${row}: it ${error.message}.`)
  }
}

/** Without what a file system may not like. */
const fileName = (name: string): string =>
  name
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 80) || 'dataset'

/** Nothing that lies there is written over. */
async function freePath(folder: string, name: string, ending: string): Promise<string> {
  const problem = await noFolder(folder)
  if (problem !== undefined) throw invalid('folder', problem)
  for (let copy = 1; ; copy++) {
    const path = join(folder, `${name}${copy === 1 ? '' : `-${copy}`}.${ending}`)
    if (!(await stat(path).catch(() => undefined))) return path
  }
}

/** Under another name until it is whole. */
async function written(path: string, write: (part: string) => Promise<void>): Promise<void> {
  const part = `${path}.part`
  try {
    await write(part)
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw diskFailure(error) ?? error
  }
}
