/** What says how good a completion is. */
import type { Asked } from '../../src-shared/records/live'
import type { Prompt } from '../../src-shared/records/turn'
import type { Infer, SettingsValues } from '../../src-shared/fields'
import type { MetricName } from '../../src-shared/metrics'
import type { RewardSource } from '../../src-shared/rewards/reward-source'
import type { Engine } from '../compute/engine'
import type { RewardModel } from '../model/model'

export interface ScoredText {
  readonly prompt: Prompt
  readonly completion: string
  readonly hasEnded: boolean
  /** Texts of one number are compared with one another, where a source compares; absent: those of a prompt. */
  readonly group?: number
}

/** A part of what a text is worth. */
export interface RewardPart {
  /** Characters of the completion after which it is known. */
  readonly after: number
  readonly reward: number
}

/** One score a text, higher is better. The text is what a person would read: no end token, no padding. */
export type Reward = ((texts: readonly ScoredText[]) => Promise<readonly number[]>) & {
  /** What else there is to say of what was scored since this was last asked. */
  readonly measured?: () => Measured
  /** The same scores, each as the parts it is made of. */
  readonly inParts?: (texts: readonly ScoredText[]) => Promise<readonly (readonly RewardPart[])[]>
}

export type Measured = Readonly<Partial<Record<MetricName, number>>>

/** Lets a source wait for someone outside the studio, so that a run that is told to stop need not wait, too. */
export interface Waiting {
  /** @param work ends at once, by throwing, when its signal aborts */
  for<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>
}

/**
 * Asks a person, for as long as it takes.
 * @returns the answers, in order
 * @throws Error in words, when nobody has answered for so long; what the signal has, when it aborts
 */
export type AskPerson = (
  questions: readonly Asked[],
  until: { readonly patienceMs: number; readonly signal: AbortSignal },
) => Promise<readonly number[]>

/** Of texts that are scored by themselves: nobody tells them to stop. */
export const withoutWaiting: Waiting = { for: (work) => work(new AbortController().signal) }

/** What a source scores with. */
export interface Opening<Settings = SettingsValues> {
  readonly engine: Engine
  readonly settings: Settings
  /** The model of a source that needs a checkpoint. */
  readonly model?: ReadRewardModel
  /** Of a source that compares with references. */
  readonly references?: References
  /** Of a source that asks someone. */
  readonly waiting?: Waiting
  /** Of a source that asks a person. */
  readonly askPerson?: AskPerson
}

/** By the sameness of a prompt: the completions that stand beside it in the run's dataset. */
export type References = ReadonlyMap<string, readonly string[]>

export interface ReadRewardModel {
  readonly model: RewardModel
  /** Whether it reads the prompt before the completion: as it was trained. */
  readonly readPrompt: boolean
}

/** All that the studio must know of a source to score with it. */
export interface RewardRow {
  /** What it holds in memory beside the engine's, in bytes. */
  readonly workspaceBytes: number
  open(opening: Opening): Reward
  /** What is wrong with the settings, found by scoring a few texts before the run; undefined: nothing. */
  tryOut?(opening: Omit<Opening, 'engine'>, texts: readonly ScoredText[]): Promise<string | undefined>
}

/** The row of a source, whose settings `open` is given as its fields say. */
export const rewardRow = <S extends RewardSource>(
  _source: S,
  row: {
    readonly workspaceBytes?: number
    open(opening: Opening<Infer<S['fields']>>): Reward
    tryOut?(
      opening: Omit<Opening<Infer<S['fields']>>, 'engine'>,
      texts: readonly ScoredText[],
    ): Promise<string | undefined>
  },
): RewardRow => ({ workspaceBytes: 0, ...row }) as RewardRow
