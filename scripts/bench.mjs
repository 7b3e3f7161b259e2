/**
 * `npm run bench [-- NAME …] [--json] [--into=FILE]`: measures what the studio promises, each against its aim. A peer
 * that is not installed is skipped, and said so. Without names all are run but those that take more than ten minutes:
 * `chargpt` and `rl`, whose single comparisons are `rl:NAME`. What is measured is said as soon as it is, and put into
 * FILE in the place of what it had of the same name, so that a run that is stopped loses nothing. Exits 1 when an aim
 * is missed.
 */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { bin, root, setUp } from './setup.mjs'

const names = [
  'train',
  'ways',
  'generate',
  'models',
  'gemm',
  'tokenizers',
  'checksums',
  'points',
  'dataset',
  'start',
  'team',
]
const longNames = ['chargpt', 'rl']

const options = process.argv.slice(2).filter((argument) => argument.startsWith('--'))
const asked = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const isJson = options.includes('--json')
const into = options.find((option) => option.startsWith('--into='))?.slice('--into='.length)
const unknown = [
  ...options.filter((option) => option !== '--json' && !option.startsWith('--into=')),
  ...asked.filter((each) => ![...names, ...longNames].includes(each.split(':')[0])),
]
if (unknown.length > 0) {
  console.error(
    `There is no benchmark ${unknown.join(', ')}. Benchmarks: ${names.join(', ')}; only when asked for, ` +
      `because they take more than ten minutes: ${longNames.join(', ')}`,
  )
  process.exit(2)
}
const say = isJson ? console.error : console.log

setUp(say)
execFileSync(
  process.execPath,
  [bin('vite', 'vite'), 'build', '--config', 'scripts/bench/vite.config.mjs', '--logLevel', 'error'],
  { cwd: root, stdio: ['ignore', 2, 'inherit'] },
)

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'studio-bench-'))
const results = []
try {
  for (const name of asked.length > 0 ? asked : names) {
    const [benchmark, part] = name.split(':')
    const { bench, partNames = [] } = await import(`./bench/${benchmark}.mjs`)
    if (part !== undefined && !partNames.some((each) => each.startsWith(part)))
      throw new Error(`${benchmark} has no part ${part}: ${partNames.join(', ') || 'it is one'}`)
    say(`\n${name}`)
    for await (const result of await bench({ scratch, say, part })) {
      results.push({ benchmark, ...result })
      say(lineOf(result))
      if (into) keep({ benchmark, ...result })
    }
  }
} finally {
  fs.rmSync(scratch, { recursive: true, force: true })
}
if (isJson) console.log(JSON.stringify({ machine: machine(), results }, null, 2))
process.exit(results.some((result) => result.isMet === false) ? 1 : 0)

/** In the file, in the place of what was measured before, else at its end. */
function keep(result) {
  const { results: kept } = fs.existsSync(into) ? JSON.parse(fs.readFileSync(into, 'utf8')) : { results: [] }
  const isSame = (each) => each.benchmark === result.benchmark && each.what === result.what
  const place = kept.findIndex(isSame)
  const all = place < 0 ? [...kept, result] : kept.with(place, result)
  fs.writeFileSync(into, `${JSON.stringify({ machine: machine(), results: all }, null, 2)}\n`)
}

/** What was measured, or why it was not. */
function lineOf({ what, value, unit, aim, isMet, skipped, detail }) {
  if (skipped) return `  skipped: ${what}: ${skipped}`
  const verdict = isMet === undefined ? '' : isMet ? '  ✓' : '  ✗'
  return (
    `  ${what}: ${Number(value.toPrecision(3))} ` +
    `${unit}${aim ? ` (aim ${aim})` : ''}${verdict}${detail ? `\n    ${detail}` : ''}`
  )
}

function machine() {
  return {
    processor: os.cpus()[0]?.model ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()}`,
    node: process.version,
  }
}
