/** What the demo leaves behind for machines: `report.json`. */
import type { SettingsValues } from '../../src-shared/fields'
import type { BestOfN } from '../evaluation/best-of-n'
import type { Evaluation, WithIntervals } from '../evaluation/evaluate-texts'
import type { Interval } from '../maths/interval'

export const stageNames = ['pretrained', 'sft', 'ppo-lexicon', 'ppo-reward-model'] as const
export type StageName = (typeof stageNames)[number]

/**
 * One stage on its own completions. The reward is VADER's compound score, whatever the stage was trained on.
 */
export interface Stage extends WithIntervals<Evaluation & { readonly klToSft: number }> {
  readonly name: StageName
}

export interface RewardModelAccuracy {
  readonly heldOutAccuracy: number
  readonly heldOutPairs: number
  readonly ci95: { readonly heldOutAccuracy: Interval }
}

export interface DemoReport {
  readonly stages: readonly Stage[]
  readonly bestOfN: readonly BestOfN[]
  readonly rewardModel: RewardModelAccuracy
  /**
   * Mean reward that best-of-n reaches at a trained policy's KL, and what the policy reaches of it; absent
   * beyond the line's end.
   */
  readonly againstBestOfN: readonly {
    readonly name: StageName
    readonly lineReward?: number
    readonly shareOfLine?: number
  }[]
  /** What is wrong with a stage, in words. */
  readonly warnings: readonly { readonly name: StageName; readonly text: string }[]
  readonly seconds: Readonly<Record<string, number>>
  readonly settings: Readonly<Record<string, SettingsValues>>
  readonly texts: number
  readonly pool: number
  readonly seed: number
  readonly isQuick: boolean
  readonly device: string
  readonly programVersion: string
}
