/**
 * The whole table of handlers, put together from one file a noun. A row of the contract without one does not
 * compile.
 */
import type { Handlers } from '../border/serve'
import type { StudioParts } from './studio-parts'
import { appCalls, appStreams } from './app'
import { arenaCalls, arenaStreams } from './arena'
import { chatCalls, chatStreams } from './chat'
import { clusterCalls } from './clusters'
import { checkpointCalls, checkpointStreams } from './checkpoints'
import { datasetCalls, datasetStreams } from './datasets'
import { hubCalls, hubStreams } from './hub'
import { keyCalls } from './keys'
import { labelCalls, labelStreams } from './labels'
import { liveCalls } from './live'
import { planCalls, planStreams } from './plans'
import { runCalls, runStreams } from './runs'
import { sampleCalls, sampleStreams } from './samples'
import { sweepCalls, sweepStreams } from './sweeps'

export function studioHandlers(studio: StudioParts): Handlers {
  return {
    calls: {
      ...appCalls(studio),
      ...keyCalls(studio),
      // at the studio itself; a team's server answers each member with who they are
      'team.self': () => ({ name: '', role: 'owner' }),
      ...clusterCalls(studio),
      ...datasetCalls(studio),
      ...checkpointCalls(studio),
      ...hubCalls(studio),
      ...labelCalls(studio),
      ...liveCalls(studio),
      ...arenaCalls(studio),
      ...runCalls(studio),
      ...sweepCalls(studio),
      ...planCalls(studio),
      ...sampleCalls(studio),
      ...chatCalls(studio),
    },
    streams: {
      ...appStreams(studio),
      ...datasetStreams(studio),
      ...checkpointStreams(studio),
      ...hubStreams(studio),
      ...labelStreams(studio),
      ...arenaStreams(studio),
      ...runStreams(studio),
      ...sweepStreams(studio),
      ...planStreams(studio),
      ...sampleStreams(studio),
      ...chatStreams(studio),
    },
  }
}
