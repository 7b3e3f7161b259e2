/**
 * A dataset of 200,000 rows: its import, a page of its list anywhere, a search in it. The slowest place
 * counts.
 */
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { median } from './race.mjs'

const program = path.join(import.meta.dirname, '../../out/bench/dataset-work.js')

export async function bench({ scratch }) {
  const { rows, importMs, blockedMs, pageMs, searchMs } = JSON.parse(
    execFileSync(process.execPath, [program, scratch], { cwd: path.join(import.meta.dirname, '../..') }),
  )
  const rate = (1000 * rows) / importMs
  const slowestPage = Math.max(...pageMs)
  const searches = searchMs.map(({ search, ms }) => ({ search, ms: median(ms) }))
  const slowest = searches.reduce((a, b) => (a.ms > b.ms ? a : b))
  return [
    {
      what: 'rows imported a second',
      value: rate,
      unit: 'rows/s',
      aim: '≥ 20,000',
      isMet: rate >= 20_000,
      detail: `${rows} rows in ${(importMs / 1000).toFixed(1)} s`,
    },
    {
      what: 'process busy longest at a time meanwhile',
      value: blockedMs,
      unit: 'ms',
      aim: '≤ 250',
      isMet: blockedMs <= 250,
    },
    {
      what: 'a page of 200 rows, the slowest of 21 places',
      value: slowestPage,
      unit: 'ms',
      aim: '≤ 30',
      isMet: slowestPage <= 30,
    },
    {
      what: `a search with its count, the slowest of ${searches.length} (“${slowest.search}”)`,
      value: slowest.ms,
      unit: 'ms',
      aim: '≤ 150',
      isMet: slowest.ms <= 150,
    },
  ]
}
