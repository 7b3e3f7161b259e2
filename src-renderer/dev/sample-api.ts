/** A main in memory: answers every call and every stream of the contract with sample records. */
import type { LiveAsking } from '../../src-shared/records/live'
import { readonly, ref } from 'vue'
import type { StudioApi } from '../api'
import { err, ok, StudioFailure, type Result } from '../../src-shared/result'
import type { Answers, Sources } from './sample-answers'
import { sampleArena } from './sample-arena'
import { sampleCheckpoints } from './sample-checkpoints'
import { sampleDatasets } from './sample-datasets'
import { sampleLabels } from './sample-labels'
import { appInfo } from './sample-records'
import { samplePlans } from './sample-plans'
import { sampleRuns } from './sample-runs'
import { sampleSweeps } from './sample-sweeps'
import { sampleWriting } from './sample-writing'

/** An answer comes after so long, as over a border. */
const answerMs = 20

export function sampleApi(): StudioApi {
  const parts = [
    ...([sampleDatasets(), sampleCheckpoints(), sampleLabels(), sampleArena()] as const),
    ...([sampleRuns(), sampleSweeps(), samplePlans(), sampleWriting()] as const),
  ] as const
  const [datasets, checkpoints, labels, arena, runs, sweeps, plans, writing] = parts
  const answers: Answers = {
    ...program.calls,
    ...noHub,
    ...live,
    ...datasets.calls,
    ...checkpoints.calls,
    ...labels.calls,
    ...arena.calls,
    ...runs.calls,
    ...sweeps.calls,
    ...plans.calls,
    ...writing.calls,
    'team.self': () => ({ name: '', role: 'owner' }),
  }
  const sources: Sources = {
    ...{ ...program.streams, ...datasets.streams, ...checkpoints.streams, ...labels.streams },
    ...{ ...arena.streams, ...runs.streams, ...sweeps.streams, ...plans.streams, ...writing.streams },
  }
  return {
    isConnected: readonly(ref(true)),
    isRefused: readonly(ref(false)),
    call: async (name, input) => {
      await new Promise((resolve) => setTimeout(resolve, answerMs))
      return caught(() => answers[name](input))
    },
    async *stream(name, input, signal) {
      yield* sources[name](input, signal)
    },
    pathOf: (file) => Promise.resolve(`/files/${file.name}`),
    folderOf: undefined,
  }
}

const offline = (): never => {
  throw new StudioFailure({ kind: 'hub-failed', problem: 'This sample asks no hub.' })
}
const noHub = { 'hub.search': () => [], 'hub.dataset': offline, 'hub.preview': offline, 'hub.model': offline }

/** The program and its registry, which is never lost. */
const program = {
  calls: {
    'app.info': () => appInfo,
    'app.report': () => ({ text: `RLHF Studio ${appInfo.version}` }),
    'devices.list': () => appInfo.devices,
    'keys.list': () => ({ names: ['OPENAI_API_KEY'] }),
    'keys.keep': ({ name }: { readonly name: string }) => ({ names: [name] }),
    'keys.forget': () => ({ names: [] }),
    'registry.users': () => ({}),
    'clusters.list': () => [],
    'clusters.add': ({ address }: { readonly address: string }) => ({ name: address, address, nodes: [] }),
    'clusters.remove': () => undefined,
    'registry.copy': ({ path }: { readonly path: string }) => ({ path }),
  },
  streams: {
    'registry.watch': async function* () {
      yield await Promise.resolve({})
    },
  },
}

/** No run waits for anybody. */
const nothingAsked = ({ runId }: { readonly runId: string }): LiveAsking => ({
  runId,
  guidance: '',
  questions: [],
})
const live = { 'live.questions': nothingAsked, 'live.answer': nothingAsked, 'live.undo': nothingAsked }

function caught<T>(answer: () => T): Result<T> {
  try {
    return ok(answer())
  } catch (error) {
    if (error instanceof StudioFailure) return err(error.error)
    throw error
  }
}
