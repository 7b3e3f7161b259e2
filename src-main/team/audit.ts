/** Who did what and when at a team's server: one JSON object a line, appended, without a word of what was read. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AuditRow } from '../../src-shared/records/team'

export type Audit = (row: Omit<AuditRow, 'atMs'>) => void

const fileIn = (folder: string): string => join(folder, 'audit.jsonl')

/** Written before the answer goes out: what was done and is not in it was never acknowledged. */
export function auditIn(folder: string, now: () => number): Audit {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return (row) =>
    appendFileSync(fileIn(folder), `${JSON.stringify({ atMs: now(), ...row })}\n`, { mode: 0o600 })
}

/** Oldest first; a line that a full disk cut short is passed over. */
export function readAudit(folder: string): readonly AuditRow[] {
  if (!existsSync(fileIn(folder))) return []
  return readFileSync(fileIn(folder), 'utf8').split('\n').flatMap(rowIn)
}

function rowIn(line: string): readonly AuditRow[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as AuditRow]
  } catch (error) {
    if (error instanceof SyntaxError) return []
    throw error
  }
}
