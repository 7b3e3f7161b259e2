/** A dataset of a bundle into the registry, in short transactions, unless the same rows are there already. */
import type { Dataset } from '../../../src-shared/records/dataset'
import type { ExampleParts } from '../../../src-shared/records/example'
import { breathe } from '../../changes/topic'
import { examplesOf } from '../../store/examples'
import type { KnownUntil } from '../../store/example-versions'
import type { ReadableDb, WritableDb } from '../../store/handle'
import { abandonImport, appendExamples, beginImport, finishImport } from '../../store/imports'
import { purgeRemoved } from '../../store/remove-dataset'

const rowsAtOnce = 500

/**
 * @param until  no later judgment enters, and none that was left out by then
 * @returns the dataset where it went, and whether it is new there
 */
export async function importRows(
  from: ReadableDb,
  to: WritableDb,
  { id, name, kind, origin, fileName, terms, createdAtMs, bytes }: Dataset,
  until?: KnownUntil,
): Promise<ReturnType<typeof finishImport>> {
  const staged = beginImport(to, {
    ...{ name, kind, fileName, terms, createdAtMs },
    origin: origin === 'bundled' ? origin : 'imported',
  })
  let isDone = false
  try {
    let rows: ExampleParts[] = []
    const write = async () => {
      appendExamples(to, staged, rows)
      rows = []
      await breathe()
    }
    for (const example of examplesOf(from, id, until)) if (rows.push(example) >= rowsAtOnce) await write()
    await write()
    const finished = finishImport(to, staged, bytes)
    isDone = true
    return finished
  } finally {
    if (!isDone && to.isOpen) abandonImport(to, staged)
    await purgeRemoved(to)
  }
}
