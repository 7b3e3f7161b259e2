/** A request as it was read, and how its answer is worded: what one kind of request is, is one row of both. */
import type { WritePiece, WriteRequest } from '../processes/contract'

export interface Asked {
  /** As the client named it: it comes back so. */
  readonly model: string
  readonly write: WriteRequest
  readonly isStreamed: boolean
  readonly withUsage: boolean
  /** How many completions each prompt gets: its tokens are counted once. */
  readonly each: number
}

/** One whole completion. */
export interface Choice extends Omit<WritePiece, 'ended'> {
  readonly ended: NonNullable<WritePiece['ended']>
}

/** A kind of request: `index` and `finish_reason` are said for all alike. */
export interface Kind {
  readonly idPrefix: string
  readonly object: string
  readonly chunkObject: string
  whole(choice: Choice, asked: Asked): object
  /** What a stream says of a choice before its first word, where it does. */
  readonly opening?: object
  part(piece: WritePiece, asked: Asked): object
  /** What a part says that only tells how it ended. */
  readonly nothing: object
}

/** Where a studio's models are named. */
export interface ServedModel {
  readonly id: string
  readonly checkpointId: string
  readonly createdAtMs: number
}

export interface Reading {
  readonly modelNamed: (name: string) => ServedModel
  readonly drawSeed: () => number
}
