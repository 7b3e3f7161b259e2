/**
 * What a trainer says while it works. A trainer is an async generator of these events; it knows no file, no
 * table and no window. Leaving the loop stops it. What it trained is in the snapshot of its last update.
 *
 *   pretrain(engine, texts, settings, resume?)
 *   trainSft(engine, model, demonstrations, settings, resume?)
 *   trainRewardModel(engine, base, pairs, settings, resume?)
 *   trainPpo(engine, { policy, reward, judge, prompts }, settings, resume?)
 *
 * The inputs are always those the run was launched with (PPO's policy is its reference, too); they are never
 * changed. `resume` is the run's last snapshot: its model is trained on in place.
 */
import type { Prompt } from '../../src-shared/records/turn'
import type { ReportRow } from '../../src-shared/records/reward-report'
import type { LogLine } from '../../src-shared/records/run'
import type { MetricName } from '../../src-shared/metrics'
import type { Model } from '../model/model'

export type TrainerEvent =
  /** Once, first: how many updates (for PPO: rollouts) the whole run has. */
  | { readonly kind: 'plan'; readonly totalSteps: number }
  /**
   * After each update. `step` counts the updates done, from 1. `tokens` are those it trained on and, for PPO,
   * sampled: whoever holds the clock makes the pace from them (`pace/tokens`), since a trainer reads none.
   */
  | {
      readonly kind: 'update'
      readonly step: number
      readonly values: MetricValues
      readonly tokens: number
      readonly snapshot: () => Snapshot
    }
  /** Completions for people to look at. */
  | { readonly kind: 'samples'; readonly step: number; readonly samples: readonly TrainerSample[] }
  /** What a reward model is worth on what it never saw, each time that is measured. */
  | { readonly kind: 'report'; readonly step: number; readonly rows: readonly ReportRow[] }
  | { readonly kind: 'log'; readonly level: LogLine['level']; readonly text: string }

export type MetricValues = Readonly<Partial<Record<MetricName, number>>>

export interface TrainerSample {
  readonly prompt: Prompt
  readonly completion: string
  readonly tokens: number
  readonly hasEnded: boolean
  readonly reward?: number
  readonly judge?: number
}

/**
 * All that a run is made of after an update, copied. Valid to ask for until the trainer is asked for its next
 * event, and while it then waits for a reward: nothing is learned before that.
 */
export interface Snapshot {
  readonly model: Model
  readonly resume: ResumeState
}

/**
 * What a resumed run needs beside the model itself. Random draws need no state of their own: those of update
 * n come from `seeded(seed, name, n)`, so a resumed run draws what the whole run would have drawn.
 */
export interface ResumeState {
  readonly step: number
  /** Optimizer moments, and what else the trainer keeps (a critic). */
  readonly tensors: Readonly<Record<string, Float32Array>>
  /** Counters and steered values (β of an adaptive KL). */
  readonly numbers: Readonly<Record<string, number>>
}
