/** What the studio asks of a Ray cluster: its Jobs API over plain HTTP, as Ray 2.60 has it. */
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { z } from 'zod'
import { setTimeout as rest } from 'node:timers/promises'
import type { Cluster, ClusterNode } from '../../src-shared/records/cluster'
import { StudioFailure } from '../../src-shared/result'
import { askRay, askRayJson, clusterFailure, refused, textOf, type RayAddress } from './ray-http'

export interface RayJob {
  readonly status: 'PENDING' | 'RUNNING' | 'STOPPED' | 'SUCCEEDED' | 'FAILED'
  readonly message: string
  /** Where its entry point runs. */
  readonly nodeId?: string
}

export interface NewJob {
  readonly id: string
  readonly entrypoint: string
  /** The address of a package that was sent before. */
  readonly workingDirectory?: string
  /** The same, unpacked beside it. */
  readonly modules?: readonly string[]
  readonly pip: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly metadata: Readonly<Record<string, string>>
  /** Cores that the entry point takes; without it, it runs on the head. */
  readonly cpus?: number
}

export interface RayClient {
  readonly cluster: Cluster
  /** @throws StudioFailure cluster-failed, for a Ray that is too old to be used safely */
  version(): Promise<string>
  nodes(): Promise<readonly ClusterNode[]>
  /** Whether a package of this name, with its ending, is in the store of packages. */
  has(name: string): Promise<boolean>
  upload(name: string, file: string): Promise<void>
  submit(job: NewJob): Promise<void>
  /** undefined when the cluster knows no such job */
  job(id: string): Promise<RayJob | undefined>
  /** Asks it to end; what it does until then is its own. */
  stop(id: string): Promise<void>
  /**
   * All that a job writes, from its beginning, until it has ended.
   * @throws StudioFailure cluster-failed, when the cluster does not answer
   */
  output(id: string, signal: AbortSignal): AsyncGenerator<string>
  /** A file below the folder of logs of a node. */
  file(nodeId: string, name: string): Promise<Readable>
}

const oldestRay = [2, 52] as const

export function rayClient(cluster: RayAddress): RayClient {
  const client = clientOf(cluster)
  return { ...client, output: (id, signal) => outputOf(client, id, signal) }
}

const clientOf = (cluster: RayAddress): Omit<RayClient, 'output'> => ({
  cluster,
  version: async () => safeVersion(cluster, await versionOf(cluster)),
  nodes: async () => nodesIn(await askRayJson(cluster, '/nodes?view=summary')),
  has: async (name) => {
    const { status, body } = await askRay(cluster, storedAt(name))
    await textOf(body)
    return status === 200
  },
  upload: async (name, file) => {
    const { size: bytes } = await stat(file)
    const request = { method: 'PUT', file: { path: file, bytes } } as const
    const { status, body } = await askRay(cluster, storedAt(name), request)
    const said = await textOf(body)
    if (status !== 200) throw refused(cluster, status, said)
  },
  submit: async (job) => {
    await onceReady(() => askRayJson(cluster, '/api/jobs/', { method: 'POST', json: requestOf(job) }))
  },
  job: async (id) => {
    const { status, body } = await askRay(cluster, `/api/jobs/${encodeURIComponent(id)}`)
    const text = await textOf(body)
    if (status === 404) return undefined
    if (status !== 200) throw refused(cluster, status, text)
    return jobIn(JSON.parse(text))
  },
  stop: async (id) => {
    await askRayJson(cluster, `/api/jobs/${encodeURIComponent(id)}/stop`, { method: 'POST', json: {} })
  },
  file: async (nodeId, name) => {
    const query = new URLSearchParams({ node_id: nodeId, filename: name, lines: '-1', timeout: '3600' })
    const { status, body } = await askRay(cluster, `/api/v0/logs/file?${query.toString()}`)
    if (status !== 200) throw refused(cluster, status, await textOf(body))
    return body
  },
})

const storedAt = (name: string): string => `/api/packages/gcs/${name}`

const readyTries = 30
const readyEveryMs = 2000

/** A cluster answers before its nodes take jobs: for a minute it is asked again. @throws what it said last */
async function onceReady(ask: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await ask()
      return
    } catch (error) {
      if (tries === readyTries || !/No available agent/.test(String(error))) throw error
      await rest(readyEveryMs)
    }
  }
}

async function versionOf(cluster: RayAddress): Promise<string> {
  const found = z
    .object({ ray_version: z.string() })
    .safeParse(await askRayJson<unknown>(cluster, '/api/version'))
  if (!found.success)
    throw clusterFailure(
      `What answers at ${cluster.address} is no dashboard of Ray: it does not say its version.`,
    )
  return found.data.ray_version
}

function safeVersion({ name }: Cluster, version: string): string {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major < oldestRay[0] || (major === oldestRay[0] && minor < oldestRay[1]))
    throw clusterFailure(
      `The cluster ${name} runs Ray ${version}. Before ${oldestRay.join('.')} any web page that is opened near it ` +
        'could run programs on it (CVE-2025-62593), and so it is not used. Bring Ray up to date there.',
    )
  return version
}

const requestOf = ({
  id,
  entrypoint,
  workingDirectory,
  modules,
  pip,
  environment,
  metadata,
  cpus,
}: NewJob) => ({
  submission_id: id,
  entrypoint,
  metadata,
  runtime_env: {
    ...(workingDirectory !== undefined && { working_dir: workingDirectory }),
    ...(modules && { py_modules: modules }),
    ...(pip.length > 0 && { pip }),
    env_vars: environment,
  },
  ...(cpus !== undefined && { entrypoint_num_cpus: cpus }),
})

const jobSchema = z.object({
  status: z.enum(['PENDING', 'RUNNING', 'STOPPED', 'SUCCEEDED', 'FAILED']),
  message: z.string().nullish(),
  driver_node_id: z.string().nullish(),
})

function jobIn(said: unknown): RayJob {
  const { status, message, driver_node_id: nodeId } = jobSchema.parse(said)
  return { status, message: message ?? '', ...(nodeId && { nodeId }) }
}

const count = z.number().catch(0)
const nodesSchema = z.object({
  data: z.object({
    summary: z.array(
      z.object({
        hostname: z.string().catch(''),
        mem: z.array(count).catch([]),
        cpus: z.array(count).catch([]),
        gpus: z.array(z.object({ name: z.string().catch('GPU') })).catch([]),
        raylet: z.object({
          nodeId: z.string(),
          state: z.string().catch('ALIVE'),
          isHeadNode: z.boolean().catch(false),
          resourcesTotal: z.record(z.string(), z.unknown()).catch({}),
        }),
      }),
    ),
  }),
})

/** Those that are alive. */
function nodesIn(said: unknown): readonly ClusterNode[] {
  return nodesSchema
    .parse(said)
    .data.summary.filter(({ raylet }) => raylet.state === 'ALIVE')
    .map(({ hostname, mem, cpus, gpus, raylet }) => ({
      id: raylet.nodeId,
      host: hostname,
      isHead: raylet.isHeadNode,
      cpus: Number(raylet.resourcesTotal['CPU'] ?? cpus[0] ?? 0),
      gpus: gpus.map(({ name }) => name),
      memoryBytes: mem[0] ?? 0,
    }))
}

const lookEveryMs = 1000
/** So often a node that has ended a job, or died with it, is asked for the output of it. */
const lastTries = 5

/**
 * Its whole output is asked for each time, of the node that writes it: Ray's own way to it looks into the wrong folder
 * where nodes keep theirs in places of their own. What is new in it is passed on, and all of it once it has ended.
 */
async function* outputOf(client: Pick<RayClient, 'job' | 'file'>, id: string, signal: AbortSignal) {
  const decoder = new StringDecoder()
  for (let [passed, tries] = [0, 0]; !signal.aborted;) {
    const job = await client.job(id)
    const isOver = !job || (job.status !== 'PENDING' && job.status !== 'RUNNING')
    const beganMs = performance.now()
    try {
      if (job?.nodeId !== undefined)
        for await (const piece of after(passed, await client.file(job.nodeId, `job-driver-${id}.log`))) {
          passed += piece.length
          yield decoder.write(piece)
        }
      if (isOver) return
    } catch (error) {
      if (!isRefusal(error)) throw error
      // The cluster answers; the node need not: it has not written yet, or never will again.
      if (!isOver && passed > 0) throw error
      if (isOver && ++tries === lastTries) return
    }
    // a long output is asked for less often
    await rest(Math.max(lookEveryMs, 4 * (performance.now() - beganMs)), undefined, { signal })
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof StudioFailure && error.error.kind === 'cluster-failed'

/** What follows so many bytes. */
async function* after(bytes: number, body: Readable): AsyncGenerator<Buffer> {
  let before = 0
  for await (const piece of body as AsyncIterable<Buffer>) {
    const known = Math.max(0, bytes - before)
    before += piece.length
    if (known < piece.length) yield piece.subarray(known)
  }
}
