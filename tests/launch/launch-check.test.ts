import { rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { DatasetKind } from '../../src-shared/records/dataset'
import type { ExampleParts } from '../../src-shared/records/example'
import { machineMemory } from '../../src-main/compute/machine-memory'
import { checkLaunch, type LaunchRequest } from '../../src-main/launch/launch-check'
import { datasetSurveyor } from '../../src-main/datasets/survey'
import { byteTokenizer } from '../../src-main/model/tokenizers/byte'
import { gpt2Tokenizer } from '../../src-main/model/tokenizers/gpt2'
import { filesOfCheckpoint } from '../../src-main/store/checkpoints'
import { appendPoints } from '../../src-main/store/metric-points'
import { createRun } from '../../src-main/store/runs'
import { testQueue } from '../helpers/labels'
import { importedDataset, testFolder, testRegistry } from '../helpers/registry'
import { tinyCheckpoint } from '../helpers/tiny-model'

/**
 * A registry with a tiny model, a reward model and one that knows fewer characters; models of bytes and of
 * GPT-2's tokens.
 */
async function registry() {
  const folder = testFolder()
  const policy = (await tinyCheckpoint(folder)).id
  const rewardModel = (await tinyCheckpoint(folder, { kind: 'reward-model' })).id
  const narrow = (await tinyCheckpoint(folder, { kind: 'reward-model', characters: 'abc', seed: 2 })).id
  const bytes = (await tinyCheckpoint(folder, { tokenizer: byteTokenizer, seed: 3 })).id
  const readsBytes = (
    await tinyCheckpoint(folder, { kind: 'reward-model', tokenizer: byteTokenizer, seed: 3 })
  ).id
  const gpt2 = (await tinyCheckpoint(folder, { tokenizer: gpt2Tokenizer(), seed: 4 })).id
  const db = testRegistry(folder)
  const devices = async () => [
    { id: 'cpu', name: 'CPU', isUsable: true, isDefault: true },
    { id: 'gpu', name: 'GPU', isUsable: false, whyNot: 'There is no driver.', isDefault: false },
  ]
  const checker = { db, survey: datasetSurveyor(db), devices, machineMemory }
  return {
    db,
    policy,
    rewardModel,
    narrow,
    bytes,
    readsBytes,
    gpt2,
    checker,
    dataset: (kind: DatasetKind, examples: readonly ExampleParts[], name?: string) =>
      importedDataset(db, kind, examples, name).id,
    /** What speaks against relying on it, as "field: sentence". */
    warnings: async (recipe: LaunchRequest['recipe'], inputs: LaunchRequest['inputs']) =>
      (
        (await checkLaunch(checker, { recipe, inputs, settings: recipe === 'ppo' ? { maxTokens: 32 } : {} }))
          .warnings ?? []
      ).map(({ field, problem }) => `${field}: ${problem}`),
    /** Problems as "field: sentence". */
    check: async (
      recipe: LaunchRequest['recipe'],
      inputs: LaunchRequest['inputs'],
      settings: LaunchRequest['settings'] = {},
      device?: string,
    ) =>
      (
        await checkLaunch(checker, { recipe, inputs, settings, ...(device !== undefined && { device }) })
      ).problems.map(({ field, problem }) => `${field}: ${problem}`),
  }
}

const pair = { prompt: 'the film:', completion: 'good', rejected: 'bad' }

describe('a launch that little stands behind', () => {
  it('says how little the pairs it holds out would tell', async () => {
    const { warnings, dataset, policy } = await registry()
    const few = dataset(
      'preferences',
      Array.from({ length: 11 }, () => pair),
      'few',
    )
    expect(await warnings('reward', { base: [policy], pairs: [few] })).toEqual([
      'pairs: 11 preference pairs, 1 of them held out, tell little from chance: all right would be 0.21 to 1.00 with ' +
        '95 %. 200 or more would.',
    ])
    const many = dataset(
      'preferences',
      Array.from({ length: 200 }, () => pair),
      'many',
    )
    expect(await warnings('reward', { base: [policy], pairs: [many] })).toEqual([])
  })

  it('names a reward model that its own held-out pairs do not back', async () => {
    const { warnings, rewardModel, policy, db } = await registry()
    const measured = (count: number, low: number) => {
      const run = createRun(db, {
        name: 'rm',
        recipe: 'reward',
        settings: {},
        inputs: {},
        device: 'cpu',
        programVersion: '0',
        createdAtMs: 1,
      })
      appendPoints(db, run.id, [
        { step: 5, name: 'accuracy/held-out', value: 0.75 },
        { step: 5, name: 'accuracy/held-out-count', value: count },
        { step: 5, name: 'accuracy/held-out-low', value: low },
        { step: 5, name: 'accuracy/held-out-high', value: 0.95 },
      ])
      db.run(
        'UPDATE checkpoints SET run_id = ?, step = 5 WHERE id = ?',
        Number(run.id.split('-')[1]),
        Number(rewardModel.split('-')[1]),
      )
    }
    const inputs = { policy: [policy], rewardModel: [rewardModel] }
    expect(await warnings('ppo', inputs)).toEqual([]) // imported: nothing is known
    measured(4, 0.3)
    expect((await warnings('ppo', inputs))[0]).toMatch(
      /^rewardModel: “.*” was right on 0\.75 of what it never saw \(95 %: 0\.30 to 0\.95; only 4 held out\)\./,
    )
    measured(200, 0.48)
    expect((await warnings('ppo', inputs))[0]).toMatch(/it may be chance/)
    measured(200, 0.7)
    expect(await warnings('ppo', inputs)).toEqual([])
  })
})

describe('a launch', () => {
  it('with sound settings and inputs has no problem', async () => {
    const { check, dataset, policy, rewardModel } = await registry()
    expect(await check('pretrain', { texts: [dataset('text', [{ completion: 'any text ⊙' }])] })).toEqual([])
    expect(
      await check('sft', {
        policy: [policy],
        demonstrations: [dataset('demonstrations', [{ prompt: 'a', completion: 'b' }])],
      }),
    ).toEqual([])
    expect(await check('reward', { base: [policy], pairs: [dataset('preferences', [pair])] })).toEqual([])
    expect(await check('ppo', { policy: [policy], rewardModel: [rewardModel] }, { maxTokens: 32 })).toEqual(
      [],
    )
    expect(
      await check('ppo', { policy: [policy] }, { rewards: 'lexicon + 0 * wink', maxTokens: 32 }),
    ).toEqual([])
  })

  it('names every setting that is wrong, each in its own sentence', async () => {
    const { check, dataset } = await registry()
    const texts = [dataset('text', [{ completion: 'text' }])]
    expect(
      await check('pretrain', { texts }, { layers: 0, heads: 2.5, packing: 'loose', learningRat: 1 }),
    ).toEqual([
      'learningRat: is not a setting of this recipe',
      'layers: must be between 1 and 48 blocks',
      'heads: must be a whole number',
      'packing: must be one of packed, stream, one-text-a-row',
    ])
  })

  it('finds settings that do not go together', async () => {
    const { check, dataset, policy } = await registry()
    expect(
      await check(
        'pretrain',
        { texts: [dataset('text', [{ completion: 'text' }])] },
        { width: 30, heads: 4 },
      ),
    ).toEqual(['heads: must divide the width: 30 channels cannot be split over 4 heads'])
    expect(
      await check(
        'ppo',
        { policy: [policy] },
        { rewards: 'lexicon + 0 * wink', maxTokens: 8, completions: 4, minibatches: 8 },
      ),
    ).toEqual(['minibatches: cannot be more than the 4 completions of a rollout'])
  })

  it('says what is missing and what is too much', async () => {
    const { check, dataset, policy } = await registry()
    expect(await check('sft', {})).toEqual([
      'policy: Choose a checkpoint.',
      'demonstrations: Choose a dataset.',
    ])
    expect(await check('ppo', { policy: [policy] }, { maxTokens: 8 })).toEqual([
      'rewardModel: Choose a reward model, or take the reward from the lexicon.',
    ])
    const texts = [dataset('text', [{ completion: 'text' }])]
    expect(await check('pretrain', { texts, policy: [policy] })).toEqual([
      'policy: is not an input of this recipe',
    ])
    expect(await check('sft', { policy: [policy, 'checkpoint-9'], demonstrations: texts })).toContain(
      'policy: Choose only one.',
    )
  })

  it('refuses an input of the wrong kind, one that is gone, and one without rows', async () => {
    const { check, dataset, policy, rewardModel, db } = await registry()
    const { queue } = testQueue(db)
    const texts = dataset('text', [{ completion: 'text' }], 'novel')
    expect(await check('reward', { base: [rewardModel], pairs: [texts] })).toEqual([
      'base: “reward-model 1” is a reward model; a language model is wanted here.',
      'pairs: “novel” holds text; preference pairs can be used here.',
    ])
    expect(await check('reward', { base: ['checkpoint-99'], pairs: ['dataset-99'] })).toEqual([
      'base: This checkpoint no longer exists.',
      'pairs: This dataset no longer exists.',
    ])
    expect(await check('reward', { base: [policy], pairs: [queue.datasetId] })).toEqual([
      'pairs: “Films” has no preference pair yet: label some first.',
    ])
  })

  it('refuses a checkpoint whose file is gone', async () => {
    const { check, dataset, policy, db } = await registry()
    rmSync(filesOfCheckpoint(db, policy).path)
    expect(
      await check('sft', { policy: [policy], demonstrations: [dataset('text', [{ completion: 'text' }])] }),
    ).toEqual(['policy: language-model 1.safetensors: it is not there any more'])
  })

  it('refuses a device that is not there or cannot be used', async () => {
    const { check, dataset } = await registry()
    const texts = [dataset('text', [{ completion: 'text' }])]
    expect(await check('pretrain', { texts }, {}, 'tpu')).toEqual([
      'device: There is no device “tpu” on this machine.',
    ])
    expect(await check('pretrain', { texts }, {}, 'gpu')).toEqual(['device: There is no driver.'])
  })

  it('finds the first row with a character the model does not know, in each part that is read', async () => {
    const { check, dataset, policy } = await registry()
    const sentence = (place: string, row: number) =>
      `“${place}”, row ${row}: "é" (U+00E9) is not among the 29 characters this model knows`
    expect(
      await check('sft', {
        policy: [policy],
        demonstrations: [dataset('text', [{ completion: 'tea' }, { completion: 'café' }], 'drinks')],
      }),
    ).toEqual([`demonstrations: ${sentence('drinks', 2)}`])
    expect(
      await check('reward', {
        base: [policy],
        pairs: [dataset('preferences', [pair, { ...pair, rejected: 'é' }], 'pairs')],
      }),
    ).toEqual([`pairs: ${sentence('pairs', 2)}`])
    expect(
      await check(
        'ppo',
        { policy: [policy], prompts: [dataset('prompts', [{ prompt: 'é' }], 'asked')] },
        { rewards: 'lexicon + 0 * wink', maxTokens: 8 },
      ),
    ).toEqual([`prompts: ${sentence('asked', 1)}`])
  })

  it('reads only the rows with the label that is asked for', async () => {
    const { check, dataset, policy } = await registry()
    const rows = dataset('labelled', [
      { completion: 'café', label: 0 },
      { completion: 'tea', label: 1 },
    ])
    expect(await check('sft', { policy: [policy], demonstrations: [rows] }, { label: '1' })).toEqual([])
    expect(await check('sft', { policy: [policy], demonstrations: [rows] }, { label: 'all' })).toHaveLength(1)
    const positive = dataset('labelled', [{ completion: 'tea', label: 1 }], 'positive')
    expect(await check('sft', { policy: [policy], demonstrations: [positive] }, { label: '0' })).toEqual([
      'label: No row of the demonstrations has the label 0.',
    ])
  })

  it('finds a prompt that fills the context, and completions that do not fit after the longest', async () => {
    const { check, dataset, policy } = await registry()
    const long = dataset('prompts', [{ prompt: 'a' }, { prompt: 'a'.repeat(32) }], 'long')
    const ppo = (prompts: string, maxTokens: number, longPrompts: string) =>
      check(
        'ppo',
        { policy: [policy], prompts: [prompts] },
        { rewards: 'lexicon + 0 * wink', maxTokens, longPrompts },
      )
    expect(await ppo(long, 1, 'refuse')).toEqual([
      'prompts: “long”, row 2: the prompt has 32 tokens; this model reads 32 in all, so its prompts can ' +
        'have at most 31',
    ])
    for (const choice of ['leave-out', 'cut']) expect(await ppo(long, 1, choice)).toEqual([])
    const fitting = dataset('prompts', [{ prompt: 'a'.repeat(12) }], 'fitting')
    expect(await ppo(fitting, 20, 'refuse')).toEqual([]) // 12 + 20 = 32
    expect(await ppo(fitting, 21, 'refuse')).toEqual([
      'maxTokens: must be at most 20: 21 tokens after a prompt of 12 do not fit the 32 tokens this model ' +
        'reads',
    ])
    expect(await ppo(fitting, 21, 'cut')).toEqual([])
    expect(await ppo(fitting, 21, 'leave-out')).toEqual([
      'prompts: “fitting”, every prompt has more than the 11 tokens that leave room for a completion',
    ])
  })

  it('scored by the lexicon is not made from the reward model that the form still holds', async () => {
    const { checker, policy, narrow } = await registry()
    const checked = await checkLaunch(checker, {
      recipe: 'ppo',
      inputs: { policy: [policy], rewardModel: [narrow] },
      settings: { rewards: 'lexicon + 0 * wink', maxTokens: 8 },
    })
    expect(checked).toMatchObject({ problems: [], inputs: { policy: [policy] } })
    expect(checked.inputs).not.toHaveProperty('rewardModel')
  })

  it('learns from what its settings say, and is not made from the other that the form still holds', async () => {
    const { check, checker, dataset, policy } = await registry()
    const pairs = [dataset('preferences', [pair])]
    const ratings = [
      dataset('labelled', [
        { completion: 'a', label: 1 },
        { completion: 'b', label: 0 },
      ]),
    ]
    expect(await check('reward', { base: [policy] })).toEqual([
      'pairs: Choose preference pairs, or learn from ratings.',
    ])
    expect(await check('reward', { base: [policy], pairs }, { learnFrom: 'ratings' })).toEqual([
      'ratings: Choose rated texts, or learn from preferences.',
    ])
    expect(await check('reward', { base: [policy], pairs, ratings }, { head: 'binned' })).toEqual([
      'head: can be binned where it learns from ratings: a preference is no number',
    ])
    const checked = await checkLaunch(checker, {
      recipe: 'reward',
      inputs: { base: [policy], pairs, ratings },
      settings: { learnFrom: 'ratings', head: 'binned' },
    })
    expect([checked.problems, checked.inputs]).toEqual([[], { base: [policy], ratings }])
    const odd = dataset(
      'labelled',
      [
        { completion: 'a', label: 1 },
        { completion: 'é', label: 0 },
      ],
      'odd',
    )
    expect(await check('reward', { base: [policy], ratings: [odd] }, { learnFrom: 'ratings' })).toEqual([
      expect.stringMatching(/^ratings: “odd”, row 2: "é"/),
    ])
  })

  it('says what of an architecture does not go together', async () => {
    const { check, dataset } = await registry()
    const texts = [dataset('text', [{ completion: 'text' }])]
    expect(
      await check('pretrain', { texts }, { architecture: 'rwkv4', outputMatrix: 'tied', heads: 3 }),
    ).toEqual(['outputMatrix: cannot be the embedding: RWKV has one of its own'])
    expect(await check('pretrain', { texts }, { trainOn: 'completion' })).toEqual([
      'packing: must be one text a row where the loss is on the completion alone',
    ])
  })

  it('refuses a reward model of characters for a policy that can write all of them, and not the reverse', async () => {
    const { check, dataset, policy, rewardModel, bytes, readsBytes } = await registry()
    expect(await check('ppo', { policy: [bytes], rewardModel: [rewardModel] }, { maxTokens: 8 })).toEqual([
      'rewardModel: cannot read what the policy can write: any character, and it knows only its 29 ' +
        'characters',
    ])
    expect(await check('ppo', { policy: [policy], rewardModel: [readsBytes] }, { maxTokens: 8 })).toEqual([])
    expect(
      await check('sft', {
        policy: [bytes],
        demonstrations: [dataset('demonstrations', [{ prompt: 'é', completion: '🙂' }])],
      }),
    ).toEqual([])
  })

  it('counts prompts in tokens: with bytes a short one can be too long', async () => {
    const { check, dataset, bytes } = await registry()
    const prompts = dataset('prompts', [{ prompt: 'a'.repeat(20) }, { prompt: '漢'.repeat(11) }], 'asked')
    expect(
      await check(
        'ppo',
        { policy: [bytes], prompts: [prompts] },
        { rewards: 'lexicon + 0 * wink', maxTokens: 1, longPrompts: 'refuse' },
      ),
    ).toEqual([
      'prompts: “asked”, row 2: the prompt has 33 tokens; this model reads 32 in all, so its prompts can ' +
        'have at most 31',
    ])
  })

  it('refuses a rollout of which no memory holds what could be drawn', async () => {
    const { check, gpt2 } = await registry()
    const large = await check(
      'ppo',
      { policy: [gpt2] },
      { rewards: 'lexicon + 0 * wink', maxTokens: 31, completions: 8192, minibatches: 1, topK: 30 },
    )
    expect(large).toEqual([
      expect.stringMatching(
        /^minibatches: must be more: one of them holds 103 GB of numbers for 50,257 tokens a position, and this machine has/,
      ),
    ])
    expect(
      await check(
        'ppo',
        { policy: [gpt2] },
        { rewards: 'lexicon + 0 * wink', maxTokens: 8, completions: 16, minibatches: 2 },
      ),
    ).toEqual([])
  })

  it('asks for a checkpoint for each reward model, and looks at each', async () => {
    const { check, checker, policy, rewardModel, narrow } = await registry()
    const settings = { rewards: 'reward-model + -0.5 * reward-model(model=2)', maxTokens: 8 }
    expect(await check('grpo', { policy: [policy], rewardModel: [rewardModel] }, settings)).toEqual([
      'rewardModel2: Choose a reward model, or take reward-model(model=2) out of the rewards.',
    ])
    const two = { policy: [policy], rewardModel: [rewardModel], rewardModel2: [narrow] }
    expect(await check('grpo', two, settings)).toEqual([
      'rewardModel2: cannot read what the policy can write: " " (U+0020) is not among its 3 characters',
    ])
    expect(await check('grpo', { ...two, rewardModel2: [policy] }, settings)).toEqual([
      'rewardModel2: “language-model 1” is a language model; a reward model is wanted here.',
    ])
    const one = await checkLaunch(checker, {
      recipe: 'grpo',
      inputs: two,
      settings: { ...settings, rewards: 'reward-model' },
    })
    expect([one.problems, one.inputs]).toEqual([[], { policy: [policy], rewardModel: [rewardModel] }])
  })

  it('tries a rule out on rows of the dataset, and says where it fails', async () => {
    const { check, dataset, policy } = await registry()
    const prompts = [
      dataset('demonstrations', [
        { prompt: 'a', completion: 'b' },
        { prompt: 'c', completion: 'wrong' },
      ]),
    ]
    const ofRule = (source: string, weight = 1) =>
      check(
        'ppo',
        { policy: [policy], prompts },
        { rewards: `lexicon + ${weight} * rule(code="${source}")`, maxTokens: 8 },
      )
    const sound = 'const reward = ({ completion, references }) => references.indexOf(completion)'
    expect(await ofRule(sound)).toEqual([])
    expect(await ofRule('function reward({ completion }) {\n  return completion.size.length\n}', 0)).toEqual([
      'rewards: has a rule that cannot score: line 2, column 25 of the rule failed: TypeError: cannot read ' +
        "property 'length' of undefined, for the completion “b”",
    ])
    // only the second row shows it, and only an empty completion
    expect(await ofRule("const reward = ({ completion }) => completion === 'wrong' ? NaN : 1")).toEqual([
      expect.stringContaining('returned NaN, where a finite number is wanted, for the completion “wrong”'),
    ])
    expect(await ofRule('const reward = ({ completion }) => 1 / completion.length')).toEqual([
      expect.stringContaining('returned Infinity, where a finite number is wanted, for the completion “”'),
    ])
    expect(await ofRule('while (true);')).toEqual([expect.stringContaining('did not return within 1 second')])
  })

  it('refuses a reward model that cannot read what the policy writes', async () => {
    const { check, policy, narrow } = await registry()
    expect(await check('ppo', { policy: [policy], rewardModel: [narrow] }, { maxTokens: 8 })).toEqual([
      'rewardModel: cannot read what the policy can write: " " (U+0020) is not among its 3 characters',
    ])
  })
})
