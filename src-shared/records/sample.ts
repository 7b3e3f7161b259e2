/**
 * Completions kept for people to look at. Plain data, safe to clone across any
 * process border. Times are milliseconds since 1970.
 */
import type { SamplingSettings } from '../sampling'
import type { Prompt } from './turn'

/** A completion kept for people to look at. */
export interface Sample {
  readonly id: string
  readonly runId?: string
  readonly checkpointId?: string
  readonly step: number
  readonly prompt: Prompt
  readonly completion: string
  readonly tokens: number
  readonly hasEnded: boolean
  readonly reward?: number
  readonly judge?: number
  /** How it was sampled, where a person asked for it. */
  readonly sampling?: SamplingSettings
}

/**
 * How weights are read to write text: as their checkpoint has them, or the large matrices in 8 bits, faster
 * and with fewer digits.
 */
export const weightFormats = ['as-they-are', '8-bit'] as const

export type WeightFormat = (typeof weightFormats)[number]

/** Of a completion that was picked of several. */
export interface BestOf {
  readonly of: number
  /** What the scorer said of it. */
  readonly score: number
  /** At most so far from what was drawn from, nats: ln n − (n − 1)/n (Stiennon et al. 2020, App. G.3). */
  readonly klBound: number
}

export interface ToldChance {
  readonly text: string
  /** Under the model itself, before any rule of sampling: nats. */
  readonly logProb: number
}

/** A token that was written, with the likeliest in its place. */
export interface ToldToken extends ToldChance {
  readonly top: readonly ToldChance[]
}

export interface GeneratedPiece {
  readonly side: 'left' | 'right'
  /** Text to append. */
  readonly text: string
  readonly tokens: number
  /** Tokens whose text is shown with this piece; not of what was picked of several. */
  readonly told?: readonly ToldToken[]
  /** Present in a side's last piece. */
  readonly end?: {
    readonly sampleId: string
    readonly hasEnded: boolean
    readonly tokensASecond: number
    readonly best?: BestOf
  }
}
