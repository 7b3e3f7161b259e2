/**
 * `npm run torture [-- NAME … --minutes N]`: the tests of tests/torture, or those whose file is named, again and
 * again until the time is over, at least once. Closes with a table: scenario | tries | held | failed.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { bin, root } from './setup.mjs'

const { values, positionals } = parseArgs({
  options: { minutes: { type: 'string', default: '0' } },
  allowPositionals: true,
})
const endMs = Date.now() + Number(values.minutes) * 60_000
if (!Number.isFinite(endMs)) fail(`--minutes must be a number, not “${values.minutes}”`)
const files = chosen(positionals)
const table = new Map()

do for (const result of round()) count(result)
while (Date.now() < endMs)
print()
process.exit([...table.values()].every(({ failed }) => failed === 0) ? 0 : 1)

function chosen(names) {
  const all = fs.readdirSync(path.join(root, 'tests/torture')).filter((file) => file.endsWith('.test.ts'))
  const titles = all.map((file) => file.replace('.test.ts', ''))
  const unknown = names.filter((name) => !titles.includes(name))
  if (unknown.length > 0) fail(`There is no scenario ${unknown.join(', ')}. Scenarios: ${titles.join(', ')}`)
  return (names.length > 0 ? names : titles).map((name) => `tests/torture/${name}.test.ts`)
}

/** One run of every file. @returns what vitest says of each test */
function round() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'studio-torture-'))
  const report = path.join(folder, 'report.json')
  spawnSync(
    process.execPath,
    [
      bin('vitest', 'vitest'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...files,
    ],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, STUDIO_TORTURE: 'long' },
    },
  )
  if (!fs.existsSync(report)) fail('The tests did not run; what they said stands above.')
  const { testResults } = JSON.parse(fs.readFileSync(report, 'utf8'))
  fs.rmSync(folder, { recursive: true })
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  )
  if (broken.length > 0) fail(broken.map(({ name, message }) => `${name}: ${message}`).join('\n'))
  return testResults.flatMap(({ assertionResults }) => assertionResults)
}

function count({ ancestorTitles, title, status }) {
  if (status !== 'passed' && status !== 'failed') return
  const name = [...ancestorTitles, title].join(' ')
  const row = table.get(name) ?? { held: 0, failed: 0 }
  if (status === 'passed') row.held++
  else row.failed++
  table.set(name, row)
}

function print() {
  console.log('\n| scenario | tries | held | failed |\n|---|---|---|---|')
  for (const [name, { held, failed }] of table)
    console.log(`| ${name.replaceAll('|', '\\|')} | ${held + failed} | ${held} | ${failed} |`)
}

function fail(problem) {
  console.error(problem)
  process.exit(2)
}
