/** The Ray clusters of this user, as devices that runs may be sent to. */
import {
  clusterDevice,
  clusterOfDevice,
  isTrlDevice,
  type Cluster,
  type ClusterState,
} from '../../src-shared/records/cluster'
import type { Device } from '../../src-shared/records/device'
import { countOf } from '../../src-shared/sizes'
import { StudioFailure } from '../../src-shared/result'
import type { ComputeChild, ForkCompute, ProcessEnd } from '../processes/compute-child'
import type { FromCompute } from '../processes/messages'
import { inLibrary, takenModel, type Library } from '../processes/library'
import type { WritableDb } from '../store/handle'
import { remoteJobOf } from '../store/remote-jobs'
import type { TakeModel } from './bring-file'
import { clusterAt, type KnownClusters, type NamedCluster } from './known-clusters'
import type { ProgramPlace } from './program-package'
import { rayChild } from './ray-child'
import { rayClient } from './ray-client'
import { clusterFailure, type RayAddress } from './ray-http'
import { sendRun } from './send-run'
import { sendTrlRun } from './send-trl-run'

export interface Clusters {
  /** Each as it answers now. */
  states(): Promise<readonly ClusterState[]>
  devices(): Promise<readonly Device[]>
  /** @throws StudioFailure when it does not answer, is no Ray, or one that is not safe: it is not kept then */
  add(named: NamedCluster): Promise<ClusterState>
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
  /** Models and projects, made in a process of their own. */
  readonly openLibrary: () => Library
  readonly environment: RayAddress['environment']
  readonly now: () => number
}

export function clusters({ db, known, program, openLibrary, environment, now }: ClusterOptions): Clusters {
  const find = (name: string): Cluster | undefined => known.list().find((each) => each.name === name)
  const states = () => Promise.all(known.list().map((each) => stateOf({ ...each, environment })))
  return {
    states,
    devices: async () => (await states()).flatMap((state) => [deviceOf(state), ...trlDeviceOf(state)]),
    add: async (named) => {
      const cluster = clusterAt(named)
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
      const send = isTrlDevice(device) ? sendTrlRun(openLibrary) : sendRun(program)
      const client = rayClient({ ...cluster, environment })
      const takeModel: TakeModel = (request) =>
        inLibrary(openLibrary, (library) => takenModel(library, request))
      return (): ComputeChild => rayChild({ db, client, send, takeModel, now })
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
    ...(gpus.length > 0 ? [countOf(gpus.length, 'GPU')] : []),
  ]
  return {
    id,
    name: `Ray cluster ${name}: ${parts.join(', ')}`,
    isUsable: true,
    isDefault: false,
    mostThreads: Math.max(1, ...cpus),
  }
}

/** The same cluster for runs by TRL: a process on each GPU, or on CPUs where there are none. */
function trlDeviceOf({ name, nodes, whyNot }: ClusterState): readonly Device[] {
  if (whyNot !== undefined) return []
  const gpus = nodes.reduce((sum, node) => sum + node.gpus.length, 0)
  const cpus = nodes.reduce((sum, node) => sum + node.cpus, 0)
  return [
    {
      id: clusterDevice(name, 'trl'),
      name: `Ray cluster ${name} by TRL: ${gpus > 0 ? countOf(gpus, 'GPU') : 'no GPU'}, a process for each thread`,
      isUsable: true,
      isDefault: false,
      mostThreads: Math.max(1, gpus > 0 ? gpus : cpus),
    },
  ]
}
