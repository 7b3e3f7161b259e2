/**
 * `chargpt-work.js FOLDER`: trains the preset `chargpt` on the text that comes with it. Writes what a peer
 * needs to learn from the same rows, and prints the held-out loss, the seconds it took and what it writes as
 * JSON.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseSettings } from '../../../src-shared/fields'
import { recipeOf } from '../../../src-shared/recipes/recipes'
import { pretrainFields } from '../../../src-shared/recipes/pretrain'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import type { Engine } from '../../../src-main/compute/engine'
import { readExamples } from '../../../src-main/data/import-file'
import { demonstrations, type Demonstration } from '../../../src-main/data/training-data'
import { seeded } from '../../../src-main/maths/random'
import { nextTokenLogits } from '../../../src-main/model/language-model'
import type { LanguageModel } from '../../../src-main/model/model'
import { weight } from '../../../src-main/model/network'
import { createSampler } from '../../../src-main/model/writing/sampling'
import { heldOutLoss } from '../../../src-main/trainers/next-token'
import { pretrain } from '../../../src-main/trainers/pretrain'
import { layOut } from '../../../src-main/trainers/pretrain-rows'
import type { Row } from '../../../src-main/trainers/rows'

const sampleTokens = 200
const folder = process.argv[2]!
const preset = recipeOf('pretrain').presets.find(({ command }) => command === 'chargpt')!
const { settings } = parseSettings(pretrainFields, {
  ...preset.settings,
  samplesEvery: preset.settings['updates'],
})

async function textsOfPreset(): Promise<readonly Demonstration[]> {
  const texts: Demonstration[] = []
  for await (const { examples } of readExamples(path.join('resources/datasets', preset.datasets!['texts']!)))
    texts.push(...demonstrations(examples))
  return texts
}

/** The last look is counted, too. */
async function trained(
  engine: Engine,
  texts: readonly Demonstration[],
): Promise<{ readonly model: LanguageModel; readonly seconds: number }> {
  const startedMs = performance.now()
  for await (const event of pretrain(engine, texts, settings)) {
    if (event.kind === 'update' && event.step === settings.updates)
      return {
        seconds: (performance.now() - startedMs) / 1000,
        model: event.snapshot().model as LanguageModel,
      }
  }
  throw new Error('the last update did not come')
}

/** All of them, and not only as many as a look takes. */
async function lossOver(
  rows: readonly Row[],
  engine: Engine,
  { config, parameters }: LanguageModel,
): Promise<number> {
  const held = heldOutLoss(engine, config, rows, {
    rows: Math.ceil(rows.length / 4),
    time: settings.contextTokens,
  })
  const loss = await held.measure(parameters)
  held.dispose()
  return loss
}

/**
 * Longer than the context: each token is drawn after reading the latest that fit (nanoGPT, model.py
 * `generate`).
 */
async function sampled(
  engine: Engine,
  { config, tokenizer, parameters }: LanguageModel,
): Promise<readonly number[]> {
  const { vocabulary, contextTokens } = config
  const ids = [tokenizer.beginToken]
  const random = seeded('bench', 'sample')
  const program = engine.program((weights, batch) => ({
    logits: nextTokenLogits(config, weights, weight(batch, 'ids')),
  }))
  const sampler = createSampler(vocabulary, { temperature: 1, topK: 0, topP: 1 })
  while (ids.length <= sampleTokens) {
    const read = ids.slice(-contextTokens)
    const data = new Int32Array(contextTokens + 1)
    data.set(read)
    const { logits } = await program.run(parameters, { ids: { shape: [1, data.length], data } })
    ids.push(
      sampler.draw(
        (logits!.data as Float32Array).subarray((read.length - 1) * vocabulary, read.length * vocabulary),
        random,
      ),
    )
  }
  program.dispose()
  return ids.slice(1)
}

function writeRows(file: string, rows: readonly Row[]): void {
  const width = settings.contextTokens + 1
  const ids = new Int32Array(rows.length * width)
  rows.forEach((row, place) => ids.set(row.ids, place * width))
  writeFileSync(path.join(folder, file), Buffer.from(ids.buffer))
}

const engine = compiledEngine({ threads: 2 })
const texts = await textsOfPreset()
const { model, seconds } = await trained(engine, texts)
const { rowsAt, heldOut } = layOut(texts, model.tokenizer, settings)
const whole = heldOut.filter(({ ids }) => ids.length > settings.contextTokens)
const { vocabulary, beginToken } = model.tokenizer
const characters = Array.from({ length: vocabulary }, (_, id) => model.tokenizer.textOf(id))
const { layers, heads, width, contextTokens, batchRows, updates } = settings

mkdirSync(folder, { recursive: true })
writeRows('trained.i32', Array.from({ length: updates }, (_, step) => rowsAt(step)).flat())
writeRows('held-out.i32', whole)
writeFileSync(
  path.join(folder, 'work.json'),
  JSON.stringify({
    layers,
    heads,
    width,
    contextTokens,
    batchRows,
    updates,
    sampleTokens,
    beginToken,
    characters,
  }),
)
const sample = await sampled(engine, model)
console.log(
  JSON.stringify({
    updates,
    batchRows,
    contextTokens,
    heldOutRows: whole.length,
    loss: await lossOver(whole, engine, model),
    seconds,
    sample: sample.map((id) => characters[id]).join(''),
  }),
)
