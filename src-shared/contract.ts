/**
 * Everything the page can ask of main, and everything it can listen to: one file an area in `contract/`. Both sides
 * are compiled against these rows; input is checked when it arrives.
 */
import type { z } from 'zod'
import { studioCalls, studioStreams } from './contract/studio'
import { datasetsCalls, datasetsStreams } from './contract/datasets'
import { hubCalls } from './contract/hub'
import { checkpointsCalls, checkpointsStreams } from './contract/checkpoints'
import { labelsCalls, labelsStreams } from './contract/labels'
import { liveCalls } from './contract/live'
import { arenaCalls, arenaStreams } from './contract/arena'
import { plansCalls, plansStreams } from './contract/plans'
import { runsCalls, runsStreams } from './contract/runs'
import { sweepsCalls, sweepsStreams } from './contract/sweeps'
import { teamCalls } from './contract/team'
import { writingCalls, writingStreams } from './contract/writing'
import type { Row } from './contract/row'

export const calls = {
  ...studioCalls,
  ...datasetsCalls,
  ...hubCalls,
  ...checkpointsCalls,
  ...labelsCalls,
  ...liveCalls,
  ...arenaCalls,
  ...runsCalls,
  ...sweepsCalls,
  ...plansCalls,
  ...writingCalls,
  ...teamCalls,
}

export const streams = {
  ...studioStreams,
  ...datasetsStreams,
  ...checkpointsStreams,
  ...labelsStreams,
  ...arenaStreams,
  ...runsStreams,
  ...sweepsStreams,
  ...plansStreams,
  ...writingStreams,
}

export type CallName = keyof typeof calls
export type StreamName = keyof typeof streams
/** Input as it is sent: what is only read may be read-only. */
type Sent<T> = T extends readonly (infer Item)[]
  ? readonly Sent<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Sent<T[Key]> }
    : T
export type CallInput<K extends CallName> = Sent<z.infer<(typeof calls)[K]['input']>>
export type CallOutput<K extends CallName> = (typeof calls)[K] extends Row<z.ZodType, infer Out> ? Out : never
export type StreamInput<K extends StreamName> = Sent<z.infer<(typeof streams)[K]['input']>>
export type StreamItem<K extends StreamName> =
  (typeof streams)[K] extends Row<z.ZodType, infer Item> ? Item : never

/** The table as types. */
export type StudioContract = {
  readonly calls: {
    readonly [K in CallName]: { readonly input: CallInput<K>; readonly output: CallOutput<K> }
  }
  readonly streams: {
    readonly [K in StreamName]: { readonly input: StreamInput<K>; readonly item: StreamItem<K> }
  }
}
