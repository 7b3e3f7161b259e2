/** What the report's page is made from, and what its stages are called. */
import type { MetricPoint } from '../../../src-shared/records/run'
import type { Sample } from '../../../src-shared/records/sample'
import type { DemoReport, StageName } from '../report'

export interface ReportedRun {
  readonly name: string
  readonly points: readonly MetricPoint[]
}

export interface ReportMaterial {
  readonly report: DemoReport
  readonly runs: {
    readonly [K in 'pretrain' | 'sft' | 'reward' | 'ppoLexicon' | 'ppoRewardModel']: ReportedRun
  }
  readonly samples: Readonly<Record<StageName, readonly Omit<Sample, 'id'>[]>>
}

export const stageTitles: Readonly<Record<StageName, string>> = {
  pretrained: 'Pretrained',
  sft: 'Fine-tuned (SFT)',
  'ppo-lexicon': 'PPO, lexicon',
  'ppo-reward-model': 'PPO, reward model',
}
