/**
 * `npm run bench:peers; node scripts/beside-trl.mjs [SEEDS] [NAME …]`: a tiny GPT-2 trained here and by TRL, from the
 * same weights, data and settings, by each seed. A curve is cut into eight parts; a part is inside where our mean over
 * the seeds lies within the mean of TRL's ± two deviations of its seeds. Prints the table of
 * resources/docs/results.md. Python is that of `npm run test:peers` or of STUDIO_PEERS_PYTHON, and has TRL.
 */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pythonIn } from './bench/peers/install-peers.mjs'
import { program } from './bench/work/works.mjs'
import { bin, root, setUp } from './setup.mjs'

const parts = 8
const names = ['sft', 'reward', 'dpo', 'kto', 'orpo', 'gkd', 'grpo', 'rloo']
const [seeds = '5', ...asked] = process.argv.slice(2)
const python = process.env.STUDIO_PEERS_PYTHON ?? pythonIn(path.join(root, '.cache/peers-test'))

setUp(console.error)
execFileSync(
  process.execPath,
  [bin('vite', 'vite'), 'build', '--config', 'scripts/bench/vite.config.mjs', '--logLevel', 'error'],
  { cwd: root, stdio: ['ignore', 2, 'inherit'] },
)
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'studio-beside-trl-'))
try {
  said(program('beside-trl-work', 'write', folder))
  console.log('| trainer | ours, last part | TRL, last part | parts inside |\n| --- | ---: | ---: | ---: |')
  for (const name of asked.length > 0 ? asked : names) console.log(lineOf(name))
} finally {
  fs.rmSync(folder, { recursive: true, force: true })
}

function lineOf(name) {
  const ours = said(program('beside-trl-work', 'run', name, seeds))
  const theirs = said([python, path.join(root, 'scripts/bench/peers/trl_beside.py'), folder, name, seeds])
  const [mine, other] = [ours, theirs].map((runs) => runs.filter(({ values }) => values).map(cut))
  const inside = Array.from({ length: parts }, (_, part) => part).filter((part) => {
    const spread = spreadOf(other.map((run) => run[part]))
    return Math.abs(spreadOf(mine.map((run) => run[part])).mean - spread.mean) <= 2 * spread.deviation
  })
  const [last, trl] = [mine, other].map((runs) => spreadOf(runs.map((run) => run[parts - 1])))
  return `| ${name} | ${shown(last)} | ${shown(trl)} | ${inside.length} of ${parts} |`
}

function shown({ mean, deviation }) {
  return `${mean.toFixed(3)} ± ${deviation.toFixed(3)}`
}

/** The mean of each part of a curve. */
function cut({ values }) {
  const edge = (part) => Math.round((part * values.length) / parts)
  return Array.from({ length: parts }, (_, part) => mean(values.slice(edge(part), edge(part + 1))))
}

function spreadOf(values) {
  const middle = mean(values)
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0)
  return { mean: middle, deviation: Math.sqrt(squares / Math.max(1, values.length - 1)) }
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Lines of JSON of a command. */
function said([command, ...rest]) {
  const env = { ...process.env, HF_HUB_OFFLINE: '1', TRANSFORMERS_OFFLINE: '1' }
  return execFileSync(command, rest, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'ignore'] })
    .split('\n')
    .filter((line) => line.startsWith('{"'))
    .map((line) => JSON.parse(line))
}
