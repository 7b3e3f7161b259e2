/** A conversation with a checkpoint as it is written. Plain data, safe to clone across any process border. */

export interface ChatPiece {
  /** Text to append. */
  readonly text: string
  /** Tokens written so far, an end token not counted. */
  readonly tokens: number
  /** Tokens that were read before the first that was written. */
  readonly promptTokens: number
  /** Present in the last piece: by an end token, a stop text, or cut at a limit. */
  readonly ended?: 'end' | 'stop' | 'cut'
}

/** Where checkpoints are served to other programs; only the count while they are not. */
export interface Serving {
  readonly baseUrl?: string
  readonly apiKey?: string
  /** Requests answered since the studio began. */
  readonly requests: number
}
