import { describe, expect, it } from 'vitest'
import { defaultsOf } from '../../src-shared/fields'
import { dpoFields, type DpoSettings } from '../../src-shared/recipes/dpo'
import { nextTokenLogits } from '../../src-main/model/language-model'
import type { LanguageModel } from '../../src-main/model/model'
import { trainDpo } from '../../src-main/trainers/dpo'
import type { Keep } from '../../src-main/trainers/trainer-row'
import { logsOf, run, testEngine, tinyModel, valuesOf } from './tiny'

const letters = 'abcdxyz?'
/** Texts with an x somewhere are preferred to texts without. */
const pairs = Array.from({ length: 40 }, (_, row) => {
  const plain = [0, 1, 2].map((index) => 'abcd'[(row * 7 + index * 5 + (row >> index)) % 4]).join('')
  const at = row % 4
  return {
    prompt: '?',
    chosen: `${plain.slice(0, at)}x${plain.slice(at)}`,
    rejected: `${plain}${'yz'[row % 2]}${'d'.repeat(row % 3)}`,
    margin: 1,
  }
})

const dpoSettings = (settings: Partial<DpoSettings>): DpoSettings => ({
  ...defaultsOf(dpoFields),
  batchPairs: 8,
  epochs: 2,
  warmupUpdates: 1,
  samplesEvery: 100,
  learningRate: 1e-2,
  ...settings,
})

/** Σ log π of a completion and its end token, in float64, from the model's logits. */
async function completionLogProb(model: LanguageModel, prompt: string, completion: string): Promise<number> {
  const engine = testEngine()
  const { tokenizer, config } = model
  const before = tokenizer.encodeFirst(prompt)
  const ids = Int32Array.from([...before, ...tokenizer.encode(completion), tokenizer.endToken])
  const program = engine.program((weights, batch) => ({
    logits: nextTokenLogits(config, weights, batch['ids']!),
  }))
  const { logits } = await program.run(model.parameters, { ids: { shape: [1, ids.length], data: ids } })
  engine.dispose()
  let sum = 0
  for (let t = before.length; t < ids.length; t++) {
    const row = Array.from(logits!.data.subarray((t - 1) * config.vocabulary, t * config.vocabulary))
    const most = Math.max(...row)
    const total = row.reduce((all, logit) => all + Math.exp(logit - most), 0)
    sum += (row[ids[t]!] as number) - most - Math.log(total)
  }
  return sum
}

describe('direct preference optimization', () => {
  it.each(dpoFields.loss.choices)('learns what people prefer, for pairs it never saw: %s', async (loss) => {
    const { updates, last } = await run(
      trainDpo(
        testEngine(),
        { policy: tinyModel(letters), pairs },
        dpoSettings({ loss, epochs: 12, heldOutFraction: 0.2, discopopTau: 1 }),
      ),
    )
    expect(updates.at(-1)?.values['accuracy/held-out']).toBe(1)
    const held = updates.at(-1)!.values['accuracy/held-out-count']!
    // all right: Wilson's interval is from n / (n + 1.96²) to 1
    expect(updates.at(-1)?.values['accuracy/held-out-low']).toBeCloseTo(held / (held + 1.959964 ** 2), 5)
    expect(updates.at(-1)?.values['margin/held-out']).toBeGreaterThan(0)
    const policy = last.model as LanguageModel
    const lead = async (model: LanguageModel) =>
      (await completionLogProb(model, '?', 'bxdd')) - (await completionLogProb(model, '?', 'bddz'))
    expect(await lead(policy)).toBeGreaterThan((await lead(tinyModel(letters))) + 1)
  })

  it('DiscoPOP as published pulls the wrong way while no pair is told apart', async () => {
    // τ = .05 at z = 0: m′ = ¼/τ = 5, so the slope is 5 · (1 − log 2) − ¼ − ½ = +.78: a lead costs.
    const { updates } = await run(
      trainDpo(testEngine(), { policy: tinyModel(letters), pairs }, dpoSettings({ loss: 'discopop' })),
    )
    expect(updates.at(-1)?.values['margin/held-out']).toBeLessThan(0)
  })

  it('starts where policy and reference agree: at log 2, or at (1/2β)², with half of the pairs right', async () => {
    const first = async (settings: Partial<DpoSettings>) =>
      (await run(trainDpo(testEngine(), { policy: tinyModel(letters), pairs }, dpoSettings(settings)), 1))
        .updates[0]?.values
    expect((await first({}))?.['loss/preference']).toBeCloseTo(Math.log(2), 5)
    expect((await first({ loss: 'ipo', beta: 0.25 }))?.['loss/preference']).toBeCloseTo(4, 4)
    expect((await first({}))?.['policy/chosen-drift']).toBeCloseTo(0, 4)
  })

  it.each(['sigmoid', 'ipo'] as const)(
    'agrees with the equation in float64 on held-out pairs: %s',
    async (loss) => {
      const beta = 0.3
      const few = pairs.slice(0, 2)
      // Two pairs, of which one is held out: one of the two values below is that of the held-out one.
      const { updates, last } = await run(
        trainDpo(
          testEngine(),
          { policy: tinyModel(letters), pairs: few },
          dpoSettings({ loss, beta, heldOutFraction: 0.5, epochs: 5, samplesEvery: 1 }),
        ),
      )
      const policy = last.model as LanguageModel
      const reference = tinyModel(letters)
      const byHand = await Promise.all(
        few.map(async ({ prompt, chosen, rejected }) => {
          const ratio = async (text: string) =>
            (await completionLogProb(policy, prompt, text)) -
            (await completionLogProb(reference, prompt, text))
          const lead = (await ratio(chosen)) - (await ratio(rejected))
          return loss === 'ipo' ? (lead - 1 / (2 * beta)) ** 2 : Math.log1p(Math.exp(-beta * lead))
        }),
      )
      const held = updates.at(-1)?.values['loss/preference-held-out'] as number
      const nearest = byHand.reduce((a, b) => (Math.abs(a - held) < Math.abs(b - held) ? a : b))
      expect(held).toBeCloseTo(nearest, 3)
      expect(Math.abs(byHand[0]! - byHand[1]!)).toBeGreaterThan(1e-3)
    },
  )

  /** Another value of each setting that decides what is learned. */
  const others: Partial<DpoSettings> = {
    loss: 'ipo',
    beta: 0.5,
    labelSmoothing: 0.3,
    discopopTau: 2,
    divergence: 'forward-kl',
    alphaDivergence: 0.2,
    logRatios: 'per-token',
    tailWeight: 0.5,
    margin: 2,
    sftWeight: 1,
    epochs: 3,
    seed: 7,
    batchPairs: 4,
    heldOutFraction: 0.4,
    learningRate: 1e-3,
    warmupUpdates: 5,
    finalLearningRateFraction: 0.5,
    weightDecay: 0.5,
    beta2: 0.8,
    clipNorm: 0.01,
    adapter: 'lora',
    lastLayers: 1,
    embeddings: 'frozen',
    frozen: 'ln_*',
    loraRank: 2,
    loraAlpha: 4,
    loraScaling: 'by-root-of-rank',
    loraTargets: 'all',
    loraDropout: 0.5,
    frozenWeights: '8-bit',
  }
  /** What must be set so that a setting means something. */
  const beside: Readonly<Record<string, Partial<DpoSettings>>> = {
    frozenWeights: { adapter: 'lora' },
    labelSmoothing: { loss: 'robust' },
    discopopTau: { loss: 'discopop' },
    alphaDivergence: { divergence: 'alpha' },
  }
  /** How often something is shown or kept, and how the same update is computed: tested above. */
  const changeNothingLearned = ['longPrompts', 'checkpointEvery', 'samplesEvery', 'accumulation', 'recompute']

  it('has no setting that changes nothing', async () => {
    expect([...Object.keys(others), ...changeNothingLearned].sort()).toEqual(Object.keys(dpoFields).sort())
    const weights = async (settings: Partial<DpoSettings>) => {
      const { last } = await run(
        trainDpo(testEngine(), { policy: tinyModel(letters), pairs }, dpoSettings(settings)),
      )
      const { spec } = last.model.parameters
      return Object.keys(spec).map((name) => [name, [...last.model.parameters.view(name)]])
    }
    for (const [name, value] of Object.entries(others)) {
      const among = name.startsWith('lora') ? { adapter: 'lora' as const } : (beside[name] ?? {})
      expect(await weights({ ...among, [name]: value }), name).not.toEqual(await weights(among))
    }
  }, 120_000)

  it('repeats itself exactly with the same seed, and not with another', async () => {
    const values = async (seed: number) =>
      valuesOf(
        (await run(trainDpo(testEngine(), { policy: tinyModel(letters), pairs }, dpoSettings({ seed }))))
          .updates,
      )
    const one = await values(1)
    expect(await values(1)).toEqual(one)
    expect(await values(2)).not.toEqual(one)
  })

  it('gives the same weights to the bit when it is stopped and resumed', async () => {
    const train = (updates?: number, resume?: Parameters<typeof trainDpo>[3]) =>
      run(trainDpo(testEngine(), { policy: tinyModel(letters), pairs }, dpoSettings({}), resume), updates)
    const whole = await train()
    const resumed = await train(undefined, (await train(3)).last)
    expect(resumed.updates[0]?.step).toBe(4)
    expect(resumed.last.model.parameters.flat).toEqual(whole.last.model.parameters.flat)
    expect(resumed.last.resume).toEqual(whole.last.resume)
  })

  it('has no loss and no divergence that learns what another learns', async () => {
    const weights = async (settings: Partial<DpoSettings>) =>
      [
        ...(
          await run(trainDpo(testEngine(), { policy: tinyModel(letters), pairs }, dpoSettings(settings)), 3)
        ).last.model.parameters.flat,
      ].join()
    const all = [
      ...dpoFields.loss.choices.map((loss) => ({ loss })),
      ...dpoFields.divergence.choices.slice(1).map((divergence) => ({ divergence })),
    ]
    const found = new Set<string>()
    for (const settings of all) found.add(await weights(settings))
    expect(found.size).toBe(all.length)
  })

  it.each([
    { accumulation: 3 },
    { recompute: 'on' },
    { accumulation: 3, loss: 'aot' },
    { accumulation: 5, loss: 'aot-unpaired' },
    { accumulation: 3, logRatios: 'per-token', sftWeight: 1, tailWeight: 0.5, margin: 1 },
  ] as const)('makes the same updates with %o', async (settings) => {
    const losses = async (more: Partial<DpoSettings>) =>
      (
        await run(trainDpo(testEngine(), { policy: tinyModel(letters), pairs }, dpoSettings(more)))
      ).updates.map(({ values }) => values['loss/preference'] as number)
    const plain = await losses({ ...settings, accumulation: 1, recompute: 'off' })
    for (const [index, loss] of (await losses(settings)).entries())
      expect(loss).toBeCloseTo(plain[index] as number, 4)
  })

  it('asks the reference once, and takes what was kept', async () => {
    let asked = 0
    const kept = new Map<string, Float32Array>()
    const keep: Keep = async (inputs, compute) => {
      const key = [...inputs].map((input) => (typeof input === 'string' ? input : String(input))).join('|')
      const found = kept.get(key) ?? (asked++, await compute())
      kept.set(key, found)
      return found
    }
    const values = async () =>
      valuesOf(
        (await run(trainDpo(testEngine(), { policy: tinyModel(letters), pairs, keep }, dpoSettings({}))))
          .updates,
      )
    const first = await values()
    expect(asked).toBe(2) // trained pairs, held-out pairs
    expect(await values()).toEqual(first)
    expect(asked).toBe(2)
    await run(trainDpo(testEngine(), { policy: tinyModel(letters, 12, 2), pairs, keep }, dpoSettings({})), 1)
    expect(asked).toBe(4)
  })

  it('leaves the model it starts from as it was, and nothing behind when stopped early', async () => {
    const engine = testEngine()
    const policy = tinyModel(letters)
    const before = policy.parameters.flat.slice()
    const memory = engine.memory()
    await run(trainDpo(engine, { policy, pairs }, dpoSettings({ samplesEvery: 1 })), 2)
    expect(engine.memory()).toEqual(memory)
    expect(policy.parameters.flat).toEqual(before)
  })

  it('leaves out pairs whose completions are the same, and counts them', async () => {
    const some = [...pairs, ...pairs.slice(0, 10).map((pair) => ({ ...pair, rejected: pair.chosen }))]
    const train = (given: typeof pairs) =>
      run(trainDpo(testEngine(), { policy: tinyModel(letters), pairs: given }, dpoSettings({})))
    const { updates, events } = await train(some)
    expect(logsOf(events)).toContain(
      'Left out, because both completions are the same to the model: 10 of 50 pairs.',
    )
    expect(valuesOf(updates)).toEqual(valuesOf((await train(pairs)).updates))
  })

  it('counts two completions as the same that are cut to the same', async () => {
    const long = { prompt: '?', chosen: 'abcdabcdabcdx', rejected: 'abcdabcdabcdy', margin: 1 }
    const { events } = await run(
      trainDpo(testEngine(), { policy: tinyModel(letters), pairs: [...pairs, long] }, dpoSettings({})),
    )
    expect(logsOf(events).filter((text) => text.includes('of 41 pairs'))).toHaveLength(2)
  })

  it('refuses pairs that are all ties before the first update', async () => {
    const ties = pairs.map((pair) => ({ ...pair, rejected: pair.chosen }))
    await expect(
      run(trainDpo(testEngine(), { policy: tinyModel(letters), pairs: ties }, dpoSettings({}))),
    ).rejects.toMatchObject({
      error: { problems: [{ field: 'pairs', problem: expect.stringMatching(/same completion twice/) }] },
    })
  })

  it('asks for less lead where a person said “slightly better”', async () => {
    const losses = async (margin: number, said: number) =>
      (
        await run(
          trainDpo(
            testEngine(),
            { policy: tinyModel(letters), pairs: pairs.map((pair) => ({ ...pair, margin: said })) },
            dpoSettings({ margin }),
          ),
          1,
        )
      ).updates[0]?.values['loss/preference']
    // At first no pair leads: −log σ(−m), m = 1.5 or a third of it.
    expect(await losses(1.5, 1)).toBeCloseTo(Math.log1p(Math.exp(1.5)), 4)
    expect(await losses(1.5, 1 / 3)).toBeCloseTo(Math.log1p(Math.exp(0.5)), 4)
  })
})
