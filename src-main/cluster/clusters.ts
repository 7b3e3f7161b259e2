/** The Ray clusters of this user, as devices that runs may be sent to. */
import {
  clusterDevice,
  clusterOfDevice,
  type Cluster,
  type ClusterState,
} from '../../src-shared/records/cluster'
import type { Device } from '../../src-shared/records/device'
import { countOf } from '../../src-shared/sizes'
import { StudioFailure } from '../../src-shared/result'
import type { ComputeChild, ForkCompute, ProcessEnd } from '../processes/compute-child'
import type { FromCompute } from '../processes/messages'
import type { WritableDb } from '../store/handle'
import { remoteJobOf } from '../store/remote-jobs'
import { clusterAt, type KnownClusters } from './known-clusters'
import type { ProgramPlace } from './program-package'
import { rayChild } from './ray-child'
import { rayClient } from './ray-client'
import { clusterFailure, type RayAddress } from './ray-http'
import { sendRun } from './send-run'

export interface Clusters {
  /** Each as it answers now. */
  states(): Promise<readonly ClusterState[]>
  devices(): Promise<readonly Device[]>
  /** @throws StudioFailure when it does not answer, is no Ray, or one that is not safe: it is not kept then */
  add(address: string, tokenFrom: string | undefined): Promise<ClusterState>
  remove(name: string): void
  /** How runs of a device start, if it is a cluster. */
  fork(device: string): ForkCompute | undefined
  /** Whether a run that was under way when the studio ended can be heard again. */
  goesOn(runId: string): boolean
}

export interface ClusterOptions {
  readonly db: WritableDb
  readonly known: KnownClusters
  readonly program: () => ProgramPlace
  readonly environment: RayAddress['environment']
  readonly now: () => number
}

export function clusters({ db, known, program, environment, now }: ClusterOptions): Clusters {
  const find = (name: string): Cluster | undefined => known.list().find((each) => each.name === name)
  const states = () => Promise.all(known.list().map((each) => stateOf({ ...each, environment })))
  return {
    states,
    devices: async () => (await states()).map(deviceOf),
    add: async (address, tokenFrom) => {
      const cluster = clusterAt(address, tokenFrom)
      const state = await asked({ ...cluster, environment })
      known.add(cluster)
      return state
    },
    remove: known.remove,
    fork: (device) => {
      const name = clusterOfDevice(device)
      if (name === undefined) return undefined
      const cluster = find(name)
      if (!cluster) return () => lostChild(unknown(name))
      return (): ComputeChild =>
        rayChild({ db, client: rayClient({ ...cluster, environment }), send: sendRun(program), now })
    },
    goesOn: (runId) => {
      const job = remoteJobOf(db, runId)
      return job !== undefined && find(job.cluster) !== undefined
    },
  }
}

const unknown = (name: string): StudioFailure =>
  clusterFailure(
    `There is no cluster “${name}” here any more: \`studio cluster add ${name}\` names it again.`,
  )

/** A run of a cluster that this user has forgotten. */
function lostChild({ message }: Error): ComputeChild {
  let onMessage: (message: FromCompute) => void = () => {}
  let onEnd: (end: ProcessEnd) => void = () => {}
  const end = () => {
    onMessage({ kind: 'events', events: [{ kind: 'ended', state: 'failed', error: message }] })
    onEnd({ code: 0, signal: null, lastWords: '' })
  }
  return {
    pid: undefined,
    send: () => setImmediate(end),
    onMessage: (listener) => (onMessage = listener),
    onEnd: (listener) => (onEnd = listener),
    kill: () => {},
  }
}

async function stateOf(cluster: RayAddress): Promise<ClusterState> {
  try {
    return await asked(cluster)
  } catch (error) {
    if (!(error instanceof StudioFailure)) throw error
    return { ...namedIn(cluster), nodes: [], whyNot: error.message }
  }
}

async function asked(cluster: RayAddress): Promise<ClusterState> {
  const client = rayClient(cluster)
  return { ...namedIn(cluster), rayVersion: await client.version(), nodes: await client.nodes() }
}

/** What is told of it: never its token, nor the rest of the environment. */
const namedIn = ({ environment: _, ...cluster }: RayAddress): Cluster => cluster

function deviceOf({ name, nodes, whyNot }: ClusterState): Device {
  const id = clusterDevice(name)
  if (whyNot !== undefined)
    return { id, name: `Ray cluster ${name}`, isUsable: false, isDefault: false, whyNot }
  const cpus = nodes.map((node) => node.cpus)
  const gpus = nodes.flatMap((node) => node.gpus)
  const parts = [
    countOf(nodes.length, 'node'),
    countOf(
      cpus.reduce((sum, each) => sum + each, 0),
      'CPU',
    ),
    ...(gpus.length > 0 ? [`${countOf(gpus.length, 'GPU')} for TRL runs`] : []),
  ]
  return {
    id,
    name: `Ray cluster ${name}: ${parts.join(', ')}`,
    isUsable: true,
    isDefault: false,
    mostThreads: Math.max(1, ...cpus),
  }
}
