/** CSV: the first row names the columns; the mark that divides them is found. */
import { delimitedRows } from './delimited'
import type { FileFormat } from './format'

export const csv: FileFormat = {
  name: 'csv',
  extensions: ['.csv'],
  countsBy: 'line',
  recognises: ({ named }) => named === 'as-this',
  rows: (source, meant) => delimitedRows(source, meant),
}
