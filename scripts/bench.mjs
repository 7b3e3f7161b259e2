/**
 * `npm run bench [-- NAME …] [--json]`: measures what the studio promises, each against its aim. A peer that
 * is not installed is skipped, and said so. Without names all are run but those that take more than ten minutes:
 * `chargpt`, and `rl` with its parts `rl-ppo`, `rl-sft` and `rl-dpo`. Exits 1 when an aim is missed.
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
const longNames = ['chargpt', 'rl', 'rl-ppo', 'rl-sft', 'rl-dpo']

const asked = process.argv.slice(2).filter((argument) => argument !== '--json')
const isJson = process.argv.includes('--json')
const unknown = asked.filter((name) => ![...names, ...longNames].includes(name))
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
    say(`\n${name}`)
    const { bench } = await import(`./bench/${name}.mjs`)
    for (const result of await bench({ scratch, say })) {
      results.push({ benchmark: name, ...result })
      say(lineOf(result))
    }
  }
} finally {
  fs.rmSync(scratch, { recursive: true, force: true })
}
if (isJson) console.log(JSON.stringify({ machine: machine(), results }, null, 2))
process.exit(results.some((result) => result.isMet === false) ? 1 : 0)

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
