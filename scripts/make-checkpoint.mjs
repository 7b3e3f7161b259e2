/**
 * `node scripts/make-checkpoint.mjs`: trains the checkpoints that come with the studio, through the studio's
 * own command line, and puts them into resources/checkpoint/ with a record of the runs that made them. A
 * character GPT of 128 tokens, pretrained, then taught to write one review sentence for each prompt of the
 * sample pairs, glad or not: so the first launch has runs to look at, and something to label and to compare.
 * About ten minutes on two cores.
 */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { root, setUp } from './setup.mjs'

const datasets = path.join(root, 'resources/datasets')
const target = path.join(root, 'resources/checkpoint')

/** The runs that are trained, in this order, and the file that each one's last weights become. */
const runs = {
  Pretrained: {
    recipe: 'pretrain',
    file: 'pretrained.safetensors',
    settings: () => ({
      texts: ['Short English sentences', 'Review sentences'],
      'context-tokens': 128,
      'batch-rows': 32,
      updates: 1200,
      'learning-rate': 2e-3,
      'checkpoint-every': 1200,
      'samples-every': 400,
    }),
  },
  'Review writer': {
    recipe: 'sft',
    file: 'review-writer.safetensors',
    settings: () => ({
      policy: lastOf('Pretrained'),
      demonstrations: 'Review demonstrations',
      epochs: 4,
      'batch-examples': 32,
      'learning-rate': 1e-3,
    }),
  },
}

setUp()
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'studio-checkpoint-'))
try {
  make()
} finally {
  fs.rmSync(work, { recursive: true })
}

function make() {
  importData()
  for (const [name, { recipe, settings }] of Object.entries(runs))
    studio('train', recipe, '--name', name, ...flags(settings()))
  fs.mkdirSync(target, { recursive: true })
  const records = Object.entries(runs).map(([name, { file }]) => recorded(shown(name), file))
  fs.writeFileSync(path.join(target, 'runs.json'), JSON.stringify(records))
  process.stdout.write(studio('show', 'Review writer'))
}

/** By the names the first launch gives them: the recorded runs find their data by name. */
function importData() {
  const demonstrations = path.join(work, 'demonstrations.jsonl')
  fs.writeFileSync(
    demonstrations,
    reviewDemonstrations()
      .map((row) => JSON.stringify(row))
      .join('\n'),
  )
  const files = {
    'Short English sentences': path.join(datasets, 'short-english-wordnet.txt'),
    'Review sentences': path.join(datasets, 'sentiment-sentences.jsonl'),
    'Review demonstrations': demonstrations,
  }
  for (const [name, file] of Object.entries(files)) studio('import', file, '--name', name)
}

function studio(...args) {
  const cli = path.join(root, 'out/main/cli.js')
  return execFileSync(process.execPath, [cli, '--registry', path.join(work, 'registry.sqlite'), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 28,
  })
}

function shown(name) {
  return JSON.parse(studio('show', name, '--json'))
}

/** @param settings a flag that takes several values has a list */
function flags(settings) {
  return Object.entries(settings).flatMap(([flag, values]) =>
    [values].flat().flatMap((value) => [`--${flag}`, String(value)]),
  )
}

/**
 * Both sentences of every sample pair, each with its prompt: the writer is not glad by itself, judgments make
 * it so.
 */
function reviewDemonstrations() {
  const pairs = fs
    .readFileSync(path.join(datasets, 'sentiment-preference-pairs.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const seen = new Set()
  return pairs
    .flatMap(({ prompt, chosen, rejected }) => [
      { prompt, completion: chosen },
      { prompt, completion: rejected },
    ])
    .filter(({ prompt, completion }) => !seen.has(prompt + completion) && seen.add(prompt + completion))
}

/** The last checkpoint of a run, by id. */
function lastOf(name) {
  const { checkpoints } = shown(name)
  return checkpoints.toSorted((a, b) => b.step - a.step)[0].id
}

/** A run as src-main/sample-project/sample-runs.ts takes it in, its last weights copied beside the record. */
function recorded({ run, inputs, samples, log, points }, file) {
  fs.copyFileSync(
    path.join(
      work,
      'registry-checkpoints',
      run.id,
      `update-${String(run.step).padStart(6, '0')}.safetensors`,
    ),
    path.join(target, file),
  )
  return { run, inputs, samples, log, points: thinned(points), file }
}

/** Enough points for a curve: each metric's first, last and evenly many between, to five digits. */
function thinned(points) {
  return [...new Set(points.map((point) => point.name))].flatMap((name) => {
    const own = points.filter((point) => point.name === name)
    const every = Math.ceil(own.length / 300)
    return own
      .filter((_, index) => index % every === 0 || index === own.length - 1)
      .map((point) => ({ ...point, value: Number(point.value.toPrecision(5)) }))
  })
}
