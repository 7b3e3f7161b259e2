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

setUp()
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'studio-checkpoint-'))
try {
  make()
} finally {
  fs.rmSync(work, { recursive: true })
}

function make() {
  const registry = path.join(work, 'registry.sqlite')
  const studio = (...args) =>
    execFileSync(process.execPath, [path.join(root, 'out/main/cli.js'), '--registry', registry, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 1 << 28,
    })
  const imported = (file, name) => studio('import', file, '--name', name)

  const demonstrations = path.join(work, 'demonstrations.jsonl')
  fs.writeFileSync(
    demonstrations,
    reviewDemonstrations()
      .map((row) => JSON.stringify(row))
      .join('\n'),
  )
  // By the names the first launch gives them: the recorded runs find their data by name.
  imported(path.join(datasets, 'short-english-wordnet.txt'), 'Short English sentences')
  imported(path.join(datasets, 'sentiment-sentences.jsonl'), 'Review sentences')
  imported(demonstrations, 'Review demonstrations')

  studio(
    'train',
    'pretrain',
    '--name',
    'Pretrained',
    '--texts',
    'Short English sentences',
    '--texts',
    'Review sentences',
    '--context-tokens',
    '128',
    '--batch-rows',
    '32',
    '--updates',
    '1200',
    '--learning-rate',
    '2e-3',
    '--checkpoint-every',
    '1200',
    '--samples-every',
    '400',
  )
  studio(
    'train',
    'sft',
    '--name',
    'Review writer',
    '--policy',
    lastOf(studio, 'Pretrained'),
    '--demonstrations',
    'Review demonstrations',
    '--epochs',
    '4',
    '--batch-examples',
    '32',
    '--learning-rate',
    '1e-3',
  )

  fs.mkdirSync(target, { recursive: true })
  const runs = [
    ['Pretrained', 'pretrained.safetensors'],
    ['Review writer', 'review-writer.safetensors'],
  ].map(([name, file]) => recorded(JSON.parse(studio('show', name, '--json')), file))
  fs.writeFileSync(path.join(target, 'runs.json'), JSON.stringify(runs))
  process.stdout.write(studio('show', 'Review writer'))
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
function lastOf(studio, name) {
  const { checkpoints } = JSON.parse(studio('show', name, '--json'))
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
      .filter((_, place) => place % every === 0 || place === own.length - 1)
      .map((point) => ({ ...point, value: Number(point.value.toPrecision(5)) }))
  })
}
