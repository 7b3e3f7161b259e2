/** What was said of the columns of a file, kept for the next file with the same columns. */
import type { ColumnMapping, ImportPreview } from '../../src-shared/records/dataset'

const keyOf = ({ columns }: ImportPreview): string =>
  `mapping ${columns
    .map(({ name }) => name)
    .toSorted()
    .join('\n')}`

export function keepMapping(preview: ImportPreview, columns: ColumnMapping): void {
  localStorage.setItem(keyOf(preview), JSON.stringify(columns))
}

export function keptMapping(preview: ImportPreview): ColumnMapping | undefined {
  const kept = localStorage.getItem(keyOf(preview))
  return kept === null ? undefined : (JSON.parse(kept) as ColumnMapping)
}
