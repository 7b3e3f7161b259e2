/**
 * `npm run torture [-- NAME … --minutes N --keep]`: the tests of tests/torture, or those whose file is named, again and
 * again until the time, which the files share, is over, at least once. Closes with a table: scenario | tries | held |
 * failed. `--keep` writes it to resources/docs/measured/torture.json; `npm run readme` brings it from there into the
 * page on reliability.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { bin, root } from './setup.mjs'
import { counted, keep, tableOf } from './torture-table.mjs'

const { values, positionals } = parseArgs({
  options: { minutes: { type: 'string', default: '0' }, keep: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const minutes = Number(values.minutes)
if (!Number.isFinite(minutes)) fail(`--minutes must be a number, not “${values.minutes}”`)
const startMs = Date.now()
const endMs = startMs + minutes * 60_000
const files = chosen(positionals)
const table = new Map()

for (let rounds = 0; rounds === 0 || Date.now() < endMs; rounds++) {
  // A file that needs less than its share of the time leaves it to those after it, and to the next round.
  for (const [index, file] of files.entries()) {
    const shareMs = Math.max(0, endMs - Date.now()) / (files.length - index)
    for (const result of run(file, { round: rounds, endMs: Date.now() + shareMs })) counted(table, result)
    if (values.keep) keep(table, (Date.now() - startMs) / 60_000)
  }
}
console.log(`\n${tableOf(table)}`)
process.exit([...table.values()].every(({ failed }) => failed === 0) ? 0 : 1)

function chosen(names) {
  const all = fs.readdirSync(path.join(root, 'tests/torture')).filter((file) => file.endsWith('.test.ts'))
  const titles = all.map((file) => file.replace('.test.ts', ''))
  const unknown = names.filter((name) => !titles.includes(name))
  if (unknown.length > 0) fail(`There is no scenario ${unknown.join(', ')}. Scenarios: ${titles.join(', ')}`)
  return (names.length > 0 ? names : titles).map((name) => `tests/torture/${name}.test.ts`)
}

/** One run of a file. @returns what vitest says of each test */
function run(file, { round, endMs }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'studio-torture-'))
  const report = path.join(folder, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  // Without a time each thing is tried as often as it says; with one, what has not begun by its end is left out.
  const end = minutes > 0 ? { STUDIO_TORTURE_END_MS: String(endMs) } : {}
  spawnSync(process.execPath, [bin('vitest', 'vitest'), 'run', '--testTimeout=3600000', ...reporters, file], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, STUDIO_TORTURE: 'long', STUDIO_TORTURE_ROUND: String(round), ...end },
  })
  if (!fs.existsSync(report)) fail('The tests did not run; what they said stands above.')
  const { testResults } = JSON.parse(fs.readFileSync(report, 'utf8'))
  fs.rmSync(folder, { recursive: true })
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  )
  if (broken.length > 0) fail(broken.map(({ name, message }) => `${name}: ${message}`).join('\n'))
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map((each) => ({ file: path.basename(name, '.test.ts'), ...each })),
  )
}

function fail(problem) {
  console.error(problem)
  process.exit(2)
}
