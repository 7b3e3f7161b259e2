/** The run table as a file that spreadsheets read: the rows and columns that are shown, numbers unrounded. */
import type { Run } from '../../src-shared/records/run'
import type { RunColumn, RunFacts } from './run-columns'

export function runsAsCsv(runs: readonly Run[], columns: readonly RunColumn[], facts: RunFacts): string {
  const parts = columns.flatMap(partsOf)
  const head = ['id', 'name', ...parts.map(([id]) => id)]
  const rows = runs.map((run) => [
    run.id,
    run.name,
    ...parts.map(([, valueOf]) => String(valueOf(run, facts) ?? '')),
  ])
  return [head, ...rows].map((row) => row.map(cell).join(',') + '\r\n').join('')
}

/** One column, or each of the numbers that it shows. */
const partsOf = ({ id, valueOf, partsOf: several }: RunColumn): readonly [string, RunColumn['valueOf']][] =>
  several ? Object.entries(several).map(([part, of]) => [`${id}:${part}`, of]) : [[id, valueOf]]

/** As RFC 4180 has it. A text that a spreadsheet would compute begins with a quote mark there, and so does nothing. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !Number.isFinite(Number(text)) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
