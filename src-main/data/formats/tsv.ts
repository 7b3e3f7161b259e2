/** TSV: the first row names the columns, tabs divide them. */
import { delimitedRows } from './delimited'
import type { FileFormat } from './format'

export const tsv: FileFormat = {
  name: 'tsv',
  extensions: ['.tsv', '.tab'],
  countsBy: 'line',
  recognises: ({ named }) => named === 'as-this',
  rows: (source, meant) => delimitedRows(source, meant, '	'),
}
