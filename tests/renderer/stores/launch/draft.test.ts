import { placeFlags } from '../../../../src-renderer/stores/launch/device-choice'
import { describe, expect, it } from 'vitest'
import {
  commandOf,
  draftOf,
  emptyDraft,
  isInputShown,
  presetOf,
  settingsOf,
  textsOf,
  type Draft,
} from '../../../../src-renderer/stores/launch/draft'
import { commandNames, sourceInputs } from '../../../../src-renderer/stores/launch/options'
import { defaultsOf } from '../../../../src-shared/fields'
import type { RunInputs } from '../../../../src-shared/records/run'
import { recipeNames, recipeOf, recipes } from '../../../../src-shared/recipes/recipes'
import { aCheckpoint, aDataset, aRun } from '../../../../src-renderer/dev/records'

const withTexts = (draft: Draft, texts: Readonly<Record<string, string>>): Draft => ({
  ...draft,
  texts: { ...draft.texts, ...texts },
})

describe('a launch form', () => {
  it.each(recipeNames)('of %s begins with all defaults, and none is refused', (name) => {
    expect(settingsOf(emptyDraft(name))).toEqual({
      settings: defaultsOf(recipeOf(name).fields),
      problems: [],
    })
  })

  it.each(
    recipeNames.flatMap((name) =>
      recipeOf(name).presets.map((preset) => [name, preset.name, preset] as const),
    ),
  )('of %s takes the preset %s without a problem, and knows that it stands there', (name, _title, preset) => {
    const draft = { ...emptyDraft(name), texts: textsOf(name, preset.settings) }
    expect(settingsOf(draft).problems).toEqual([])
    expect(presetOf(draft)?.settings).toEqual(preset.settings)
  })

  it('takes numbers as people type them', () => {
    const { settings, problems } = settingsOf(
      withTexts(emptyDraft('ppo'), { learningRate: '3e-5', klBeta: ' .1 ', updates: '100' }),
    )
    expect(problems).toEqual([])
    expect([settings['learningRate'], settings['klBeta'], settings['updates']]).toEqual([3e-5, 0.1, 100])
  })

  it('says what is wrong with what is no number, too large, or half a number', () => {
    const { problems } = settingsOf(
      withTexts(emptyDraft('ppo'), { klBeta: 'much', temperature: '99', completions: '1.5', updates: '' }),
    )
    expect(Object.fromEntries(problems.map(({ field, problem }) => [field, problem]))).toEqual({
      klBeta: 'must be a number',
      temperature: 'must be between 0.1 and 5',
      completions: 'must be a whole number',
      updates: 'must be a whole number',
    })
  })

  it('takes the default of a setting that it does not show, whatever was typed', () => {
    const draft = emptyDraft('sft')
    const typed = { ...draft, texts: { ...draft.texts, loraRank: '4' } }
    const adapted = { ...typed, texts: { ...typed.texts, adapter: 'lora' } }
    expect(settingsOf(typed).settings['loraRank']).toBe(8)
    expect(settingsOf(adapted).settings['loraRank']).toBe(4)
    expect(commandOf(typed, (id) => id).join(' ')).not.toContain('--lora-rank')
    expect(commandOf(adapted, (id) => id).join(' ')).toContain('--lora-rank 4')
  })

  it('writes a run’s settings as they were', () => {
    const run = aRun({
      id: 'ppo-07',
      settings: { ...defaultsOf(recipes.ppo.fields), klBeta: 0.2 },
      inputs: { policy: ['c1'] },
    })
    expect(settingsOf(draftOf(run)).settings).toEqual(run.settings)
    expect(draftOf(run).inputs).toEqual({ policy: ['c1'] })
  })
})

describe('the command that does the same', () => {
  const datasets = [
    aDataset({ id: 'd1', name: 'Review pairs' }),
    aDataset({ id: 'd2', name: 'twice' }),
    aDataset({ id: 'd3', name: 'twice' }),
  ]
  const nameOf = commandNames(datasets, [aCheckpoint({ id: 'c1', name: 'sft-01' })])

  it('names recipe, inputs and what differs from the defaults', () => {
    const draft = {
      ...withTexts(emptyDraft('ppo'), { klBeta: '0.1' }),
      inputs: { policy: ['c1'], prompts: ['d1', 'd2'] },
    }
    expect(commandOf(draft, nameOf).join(' ')).toBe(
      "npx studio train ppo --policy sft-01 --prompts 'Review pairs' --prompts d2 --kl-beta 0.1",
    )
  })

  it('is short when nothing was changed', () => {
    expect(commandOf(emptyDraft('pretrain'), nameOf)).toEqual(['npx studio train pretrain'])
  })

  it('says where it computes, where that was chosen', () => {
    expect(placeFlags(undefined, undefined)).toEqual([])
    expect(placeFlags('trl:127.0.0.1:8265', 2)).toEqual(['--device trl:127.0.0.1:8265', '--threads 2'])
  })

  it('gives a name that a shell takes as it is', () => {
    expect(commandOf({ ...emptyDraft('sft'), name: "Anna's run; rm" }, nameOf).at(-1)).toBe(
      "--name 'Anna'\\''s run; rm'",
    )
  })
})

describe('what a run can be made from', () => {
  const datasets = [
    aDataset({ id: 'd1', kind: 'text' }),
    aDataset({ id: 'd2', kind: 'preferences', rows: 1108 }),
  ]
  const checkpoints = [aCheckpoint({ id: 'c1' }), aCheckpoint({ id: 'c2', kind: 'reward-model' })]

  it('are datasets of the input’s kinds and checkpoints of its kind', () => {
    const ids = Object.fromEntries(
      sourceInputs('reward', datasets, checkpoints).map((input) => [
        input.name,
        input.options.map((option) => option.id),
      ]),
    )
    expect(ids).toEqual({ base: ['c1'], pairs: ['d2'], rankings: ['d2'], steps: [], ratings: [] })
    expect(
      sourceInputs('ppo', datasets, checkpoints)
        .find((input) => input.name === 'rewardModel')
        ?.options.map((option) => option.id),
    ).toEqual(['c2'])
  })

  it('are shown where the settings use them, or something was chosen', () => {
    const shownOf = (rewards: string, inputs: RunInputs = {}) => {
      const draft = { ...emptyDraft('ppo'), inputs }
      return Object.keys(recipes.ppo.inputs).filter((name) =>
        isInputShown({ ...draft, texts: { ...draft.texts, rewards } }, name),
      )
    }
    expect(shownOf('lexicon')).toEqual(['policy', 'prompts'])
    expect(shownOf('lexicon', { rewardModel: ['c2'] })).toEqual(['policy', 'rewardModel', 'prompts'])
    expect(shownOf('reward-model + -1 * reward-model(model=2)')).toEqual([
      'policy',
      'rewardModel',
      'rewardModel2',
      'prompts',
    ])
    expect(shownOf('reward-model(model=3) +')).toEqual(['policy', 'prompts'])
  })

  it('carry their counts, and say what to do when there is none', () => {
    const [base, pairs] = sourceInputs('reward', datasets, [])
    expect(pairs?.options[0]?.detail).toBe('1,108 pairs')
    expect(base?.emptyText).toBe('Pretrain a model first')
  })
})
