/**
 * `node scripts/health-rates.mjs [RUNS]`: how often each health rule speaks in runs in which nothing is wrong, 20 of
 * each algorithm unless another number is given. Prints the table of resources/docs/results.md.
 */
import { execFileSync } from 'node:child_process'
import { bin, root, setUp } from './setup.mjs'
import { program } from './bench/work/works.mjs'

setUp(console.error)
execFileSync(
  process.execPath,
  [bin('vite', 'vite'), 'build', '--config', 'scripts/bench/vite.config.mjs', '--logLevel', 'error'],
  { cwd: root, stdio: ['ignore', 2, 'inherit'] },
)
const [node, ...rest] = program('health-work', ...process.argv.slice(2))
const rows = execFileSync(node, rest, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))

console.log('| rule | healthy runs | spoke | where |\n| --- | ---: | ---: | --- |')
for (const { rule, runs, spoke, where } of rows)
  console.log(`| ${rule} | ${runs} | ${spoke} | ${where.join(', ')} |`)
