/** JSONL: one object a line. Blank lines are no rows. */
import type { RowBatch, SourceRow } from '../rows'
import type { SourceFile } from '../source-file'
import { lineBatches } from '../text/lines'
import type { FileFormat } from './format'
import { jsonRow } from './json-row'

export const jsonl: FileFormat = {
  name: 'jsonl',
  // Many write lines into a file named .json: what is no array is taken for them.
  extensions: ['.jsonl', '.ndjson', '.json'],
  countsBy: 'line',
  recognises: ({ named, opening }) => named === 'as-this' || (named === 'as-none' && opening === '{'),
  rows: (source) => jsonLineRows(source),
}

async function* jsonLineRows(source: SourceFile): AsyncGenerator<RowBatch> {
  for await (const { lines, firstLine, bytesRead } of lineBatches(source)) {
    const rows: SourceRow[] = []
    lines.forEach((line, index) => {
      if (line.trim() !== '') rows.push(jsonRow(source, line, { line: firstLine + index, column: 1 }))
    })
    yield { rows, bytesRead }
  }
}
