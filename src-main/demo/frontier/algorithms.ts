/**
 * The ways to a policy that the frontier compares: each a row. All learn from the same reward, by sampling or from
 * pairs that it has labelled, and each setting that is not said is its recipe's default.
 */
import type { SettingsValues } from '../../../src-shared/fields'
import type { RecipeName } from '../../../src-shared/recipes/recipes'
import { grpoPresets } from '../../../src-shared/recipes/grpo-presets'

export interface Algorithm {
  readonly name: string
  readonly title: string
  readonly recipe: RecipeName
  /** The input that the labelled pairs go to; without one it draws its own texts. */
  readonly pairsInto?: 'pairs' | 'examples'
  readonly settings: SettingsValues
  /** What a rollout takes beside one of GRPO's: fewer are made of one that takes longer. */
  readonly cost?: number
}

const presetOf = (name: string): SettingsValues => {
  const preset = grpoPresets.find((each) => each.name === name)
  if (!preset) throw new Error(`no preset is called ${name}`)
  return preset.settings
}

/** Those that take least first. */
export const algorithms: readonly Algorithm[] = [
  { name: 'dpo', title: 'DPO', recipe: 'dpo', settings: {}, pairsInto: 'pairs' },
  { name: 'ipo', title: 'IPO', recipe: 'dpo', settings: { loss: 'ipo' }, pairsInto: 'pairs' },
  { name: 'kto', title: 'KTO', recipe: 'kto', settings: {}, pairsInto: 'examples' },
  { name: 'orpo', title: 'ORPO', recipe: 'reference-free', settings: {}, pairsInto: 'pairs' },
  {
    name: 'simpo',
    title: 'SimPO',
    recipe: 'reference-free',
    settings: { loss: 'simpo', beta: 2.5, sftWeight: 0 },
    pairsInto: 'pairs',
  },
  { name: 'ppo', title: 'PPO', recipe: 'ppo', settings: {}, cost: 1.5 },
  { name: 'grpo', title: 'GRPO', recipe: 'grpo', settings: {} },
  { name: 'rloo', title: 'RLOO', recipe: 'grpo', settings: presetOf('RLOO') },
  { name: 'reinforce-plus', title: 'REINFORCE++', recipe: 'grpo', settings: presetOf('REINFORCE++') },
  { name: 'trpo', title: 'TRPO', recipe: 'trpo', settings: {}, cost: 3 },
  { name: 'rft', title: 'RFT', recipe: 'rft', settings: {} },
  { name: 'online-dpo', title: 'Online DPO', recipe: 'online-dpo', settings: { groupSize: 8 } },
  { name: 'xpo', title: 'XPO', recipe: 'online-dpo', settings: { second: 'reference', groups: 128 } },
  { name: 'nash-md', title: 'Nash-MD', recipe: 'nash-md', settings: { preference: 'better', groups: 128 } },
]
