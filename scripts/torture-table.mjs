/** What `npm run torture` counts: how often each scenario was tried, held and failed. */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { root } from './setup.mjs'

/** Adds one test's result to the table. A test that tries a thing often says how often; any other is one try. */
export function counted(table, { file, ancestorTitles, title, status, meta }) {
  if (status !== 'passed' && status !== 'failed') return
  const name = [...ancestorTitles, title].join(' ')
  const row = table.get(name) ?? { file, held: 0, failed: 0 }
  const tries = meta?.tries ?? { held: 0, failed: 0 }
  row.held += tries.held + (status === 'passed' && tries.held === 0 ? 1 : 0)
  row.failed += Math.max(tries.failed, status === 'failed' ? 1 : 0)
  table.set(name, row)
}

export function tableOf(table) {
  const rows = [...table].map(
    ([name, { held, failed }]) =>
      `| ${name.replaceAll('|', '\\|')} | ${held + failed} | ${held} | ${failed} |`,
  )
  return ['| scenario | tries | held | failed |', '|---|---|---|---|', ...rows].join('\n')
}

/** Scenarios that were not tried now keep what was counted of them last. */
export function keep(table, minutes) {
  const file = path.join(root, 'resources/docs/measured/torture.json')
  const before = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')).scenarios : []
  const measured = { on: new Date().toISOString().slice(0, 10), version: versionNow(), machine: machine() }
  const now = [...table].map(([scenario, { file: of, held, failed }]) => ({
    file: of,
    scenario,
    tries: held + failed,
    held,
    failed,
    minutes: Math.round(minutes),
    ...measured,
  }))
  const kept = before.filter(({ file: of }) => !now.some((row) => row.file === of))
  const scenarios = [...kept, ...now].sort((a, b) => a.file.localeCompare(b.file))
  fs.writeFileSync(file, `${JSON.stringify({ scenarios }, null, 2)}\n`)
}

const machine = () =>
  `${os.cpus()[0]?.model ?? 'unknown'}, ${os.cpus().length} threads, ${os.type()} ${os.arch()}`

function versionNow() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
  } catch {
    return JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).version
  }
}
