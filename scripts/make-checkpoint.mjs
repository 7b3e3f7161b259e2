/**
 * `node scripts/make-checkpoint.mjs`: trains the checkpoint that comes with the studio, through the studio's own command line, and puts it
 * into resources/checkpoint/. A character GPT of 128 tokens that writes one review sentence for each prompt of the sample pairs, glad or not:
 * so the first launch has something to label and to compare. About ten minutes on two cores.
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
  const studio = (...args) => execFileSync(process.execPath, [path.join(root, 'out/main/cli.js'), '--registry', registry, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 28 })
  const imported = (file, name) => studio('import', file, '--name', name)

  const demonstrations = path.join(work, 'demonstrations.jsonl')
  fs.writeFileSync(demonstrations, reviewDemonstrations().map((row) => JSON.stringify(row)).join('\n'))
  imported(path.join(datasets, 'short-english-wordnet.txt'), 'words')
  imported(path.join(datasets, 'sentiment-sentences.jsonl'), 'sentences')
  imported(demonstrations, 'demonstrations')

  studio('train', 'pretrain', '--name', 'base', '--texts', 'words', '--texts', 'sentences', '--context-tokens', '128', '--batch-rows', '32', '--updates', '1200', '--learning-rate', '2e-3', '--checkpoint-every', '1200', '--samples-every', '400')
  studio('train', 'sft', '--name', 'Review writer', '--policy', lastOf(studio, 'base'), '--demonstrations', 'demonstrations', '--epochs', '4', '--batch-examples', '32', '--learning-rate', '1e-3')

  fs.mkdirSync(target, { recursive: true })
  const { file } = newest(work)
  fs.copyFileSync(file, path.join(target, 'review-writer.safetensors'))
  process.stdout.write(studio('show', 'Review writer'))
}

/** Both sentences of every sample pair, each with its prompt: the writer is not glad by itself, judgments make it so. */
function reviewDemonstrations() {
  const pairs = fs.readFileSync(path.join(datasets, 'sentiment-preference-pairs.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line))
  const seen = new Set()
  return pairs.flatMap(({ prompt, chosen, rejected }) => [{ prompt, completion: chosen }, { prompt, completion: rejected }])
    .filter(({ prompt, completion }) => !seen.has(prompt + completion) && seen.add(prompt + completion))
}

/** The last checkpoint of a run, by id. */
function lastOf(studio, name) {
  const { checkpoints } = JSON.parse(studio('show', name, '--json'))
  return checkpoints.toSorted((a, b) => b.step - a.step)[0].id
}

/** The newest file of weights under a folder; files to resume from are not meant. */
function newest(folder) {
  const files = fs.readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.safetensors') && !entry.name.includes('resume'))
    .map((entry) => path.join(entry.parentPath, entry.name))
  return files.map((file) => ({ file, atMs: fs.statSync(file).mtimeMs })).toSorted((a, b) => b.atMs - a.atMs)[0]
}
