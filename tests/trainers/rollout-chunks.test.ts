/** Rollouts under a vocabulary so large that their logits are computed a chunk of positions at a time. */
import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import type { Batch, Engine, ProgramBody, TrainBody } from '../../src-main/compute/engine'
import { sizeOf, trainedPart, type ParameterSpec } from '../../src-main/compute/parameters'
import { recordingsOf, withGradients } from '../../src-main/compute/recording/graphs'
import { seeded } from '../../src-main/maths/random'
import { chunkPositions, copyModel, createLanguageModel } from '../../src-main/model/language-model'
import { gpt2Tokenizer } from '../../src-main/model/tokenizers/gpt2'
import type { Completion } from '../../src-main/model/writing/sequence'
import { openGrpoStep, updateInParts } from '../../src-main/trainers/grpo-update'
import { openPpoUpdates, startingModels } from '../../src-main/trainers/ppo-update'
import { openMeasures } from '../../src-main/trainers/rollout-measures'
import { isExactKl, type PpoSettings } from '../../src-shared/recipes/ppo'
import { grpoSettings, ppoSettings } from './tiny'

const tokenizer = gpt2Tokenizer()
const { vocabulary } = tokenizer
const [rows, time] = [4, 86]
const model = createLanguageModel(
  { architecture: 'gpt', layers: 1, heads: 2, width: 16, contextTokens: time, vocabulary, isTied: true },
  tokenizer,
  seeded('chunks', 'weights'),
)
const plan = { rows, lengths: [time] }
const settings = grpoSettings({ temperature: 0.7 })

/** Texts that nobody drew, of several lengths; of each token, perhaps, every other one could not have been drawn. */
function completions(keepsAllowed: boolean): readonly Completion[] {
  const random = seeded('chunks', 'ids')
  return Array.from({ length: rows }, (_, row) => {
    const ids = Int32Array.from({ length: time + 1 - 20 * row }, () => Math.floor(random() * vocabulary))
    const drawn = ids.length - 3
    const allowed = new Uint8Array(drawn * vocabulary)
    for (let t = 0; t < drawn; t++)
      for (let id = ids[t + 3]! % 2; id < vocabulary; id += 2) allowed[t * vocabulary + id] = 1
    return {
      prompt: '',
      text: '',
      ids,
      promptTokens: 3,
      completionTokens: drawn,
      hasEnded: false,
      ...(keepsAllowed && { allowed }),
    }
  })
}

async function firstUpdate(engine: Engine, keepsAllowed = false) {
  const policy = copyModel(model)
  const measures = openMeasures(engine, { policy, reference: model }, plan, {
    temperature: settings.temperature,
    keepReferenceStates: false,
  })
  const drawn = await measures.of(completions(keepsAllowed), [[0, 1, 2, 3]])
  const texts = drawn.map((each, row) => ({
    ...each,
    advantages: new Float32Array(each.logProbs.length).fill(row - 1.5),
  }))
  const sizes = {
    ...settings,
    rolloutTokens: drawn.reduce((sum, { logProbs }) => sum + logProbs.length, 0),
    updates: 1,
  }
  const step = openGrpoStep(engine, policy, settings)
  return { drawn, said: await step.update(updateInParts(texts, plan, vocabulary, sizes), 1e-4) }
}

describe('a rollout under 50,257 tokens', () => {
  it('has more positions than logits are there for at once', () => {
    expect(chunkPositions(model.config)).toBeLessThan(rows * time)
  })

  it('has ratios of exactly 1 at its first update, where tokens are left out, too', async () => {
    const { drawn, said } = await firstUpdate(compiledEngine({ threads: 1 }), true)
    expect(said['largestRatio']).toBe(1)
    expect(said['gradientNorm']).toBeGreaterThan(0)
    for (const { logProbs, referenceLogProbs, kl, klDrawn, entropy } of drawn) {
      expect(logProbs).toEqual(referenceLogProbs)
      expect(Math.max(...[...kl, ...klDrawn].map(Math.abs))).toBeLessThan(1e-5)
      // a fresh model says nearly the same of all tokens, of which half could be drawn
      const most = Math.log(vocabulary / 2)
      expect(Math.max(...entropy)).toBeLessThanOrEqual(most + 1e-3)
      expect(Math.min(...entropy)).toBeGreaterThan(most - 0.5)
    }
  })

  it('makes no logits of all positions, neither when it is measured nor when it is learned from', async () => {
    const { engine, largest } = watched()
    const { said } = await firstUpdate(engine)
    const chunk = chunkPositions(model.config) * vocabulary
    expect(said['largestRatio']).toBe(1)
    expect(largest['measured']).toBeLessThanOrEqual(chunk)
    expect(largest['learned']).toBeLessThanOrEqual(chunk)
  })
})

describe('PPO that holds whole distributions under 50,257 tokens', () => {
  it('makes no logits of all positions', async () => {
    const { engine, largest } = watched()
    const said = await ppoUpdate(engine, { klEstimator: 'exact', entropyBonus: 0.3, critic: 'separate' })
    const chunk = chunkPositions(model.config) * vocabulary
    expect(said['largestRatio']).toBe(1)
    expect(largest['measured']).toBeLessThanOrEqual(chunk)
    expect(largest['learned']).toBeLessThanOrEqual(chunk)
  })

  it.each([
    { klEstimator: 'exact', entropyBonus: 0, critic: 'value-head' },
    { klEstimator: 'exact-drawn', entropyBonus: 0.3, critic: 'value-head' },
  ] as const)('learns in chunks what it learns of each text by itself: %o', async (way) => {
    const engine = compiledEngine({ threads: 1 })
    const keepsAllowed = way.klEstimator === 'exact-drawn'
    expect(time).toBeLessThanOrEqual(chunkPositions(model.config))
    const whole = await ppoUpdate(engine, way, { keepsAllowed })
    const each = await ppoUpdate(engine, way, { keepsAllowed, rows: 1 })
    for (const [name, value] of Object.entries(each))
      expect({ name, value: whole[name] }).toEqual({ name, value: expect.closeTo(value, 4) as number })
    const without = await ppoUpdate(engine, { ...way, entropyBonus: 0 }, { keepsAllowed, klWeight: 0 })
    expect(Math.abs(without['loss']! - whole['loss']!)).toBeGreaterThan(1e-3)
    engine.dispose()
  })
})

/** One update on texts that nobody drew, of a policy that is not its reference. */
async function ppoUpdate(
  engine: Engine,
  way: Partial<PpoSettings>,
  { keepsAllowed = false, rows: together = rows, klWeight = 0.7 } = {},
) {
  const settings = ppoSettings({ temperature: 0.7, clipNorm: 1e9, ...way })
  const { policy, critic } = startingModels(model, settings)
  const trunk = policy.parameters.view('transformer.h.0.mlp.c_fc.weight')
  trunk.forEach((value, index) => (trunk[index] = 30 * value))
  const isExact = isExactKl(settings.klEstimator)
  const cut = { rows: together, lengths: [time] }
  const measures = openMeasures(engine, { policy, reference: model, critic }, cut, {
    temperature: settings.temperature,
    keepReferenceStates: isExact,
  })
  const drawn = await measures.of(completions(keepsAllowed), [[0, 1, 2, 3]])
  const experience = drawn.map((each, row) => ({
    ...each,
    advantages: new Float32Array(each.logProbs.length).fill(row - 1.5),
    returns: new Float32Array(each.logProbs.length).fill(row),
  }))
  const models = { policy, critic, ...(isExact && { reference: model }) }
  const updates = openPpoUpdates(engine, models, cut, settings)
  const said = await updates.apply(experience, { stepShare: 0, isWarmingUp: false, klWeight })
  measures.dispose()
  updates.dispose()
  return said
}

/** An engine, and how many numbers the largest tensor has that a graph of it makes. */
function watched() {
  const largest: Record<string, number> = {}
  const note = (name: string, body: ProgramBody, spec: ParameterSpec, batch: Batch) => {
    const { nodes } = recordingsOf(body)(spec, batch)
    const found = Math.max(...nodes.flatMap(({ outputs }) => outputs.map(({ shape }) => sizeOf(shape))))
    largest[name] = Math.max(largest[name] ?? 0, found)
  }
  const engine = compiledEngine({ threads: 1 })
  const watching: Engine = {
    ...engine,
    program(body) {
      const program = engine.program(body)
      return {
        ...program,
        runParts(parameters, parts, atOnce) {
          note('measured', body as ProgramBody, parameters.spec, parts[0] as Batch)
          return program.runParts(parameters, parts, atOnce)
        },
      }
    },
    trainStep(parameters, body, ...how) {
      const step = engine.trainStep(parameters, body, ...how)
      return {
        ...step,
        update(parts, learningRate) {
          const names = Object.keys(trainedPart(parameters).spec)
          const learned = withGradients(body as TrainBody, names)
          note('learned', learned, parameters.spec, [parts].flat()[0] as Batch)
          return step.update(parts, learningRate)
        },
      }
    },
  }
  return { engine: watching, largest }
}
