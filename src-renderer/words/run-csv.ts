/** The run table as a file that spreadsheets read: the rows and columns that are shown, numbers unrounded. */
import type { Run } from '../../src-shared/records/run'
import type { RunColumn, RunFacts } from './run-columns'

export function runsAsCsv(runs: readonly Run[], columns: readonly RunColumn[], facts: RunFacts): string {
  const head = ['id', 'name', ...columns.map(({ id }) => id)]
  const rows = runs.map((run) => [
    run.id,
    run.name,
    ...columns.map((column) => String(column.valueOf(run, facts) ?? '')),
  ])
  return [head, ...rows].map((row) => row.map(cell).join(',') + '\r\n').join('')
}

/** As RFC 4180 has it. A text that a spreadsheet would compute begins with a quote mark there, and so does nothing. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !Number.isFinite(Number(text)) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
