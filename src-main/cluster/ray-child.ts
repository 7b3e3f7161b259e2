/**
 * A run on a Ray cluster as main sees any compute process: it is sent there with all it needs, heard line by line, its
 * checkpoints are fetched before anybody is told of them. While the cluster does not answer it is asked again; when the
 * studio ends, the run goes on there and is heard again at the next start.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as rest } from 'node:timers/promises'
import { StudioFailure, thrownText } from '../../src-shared/result'
import type { ComputeChild, ProcessEnd } from '../processes/compute-child'
import type { FromCompute, RunEvent, ToCompute } from '../processes/messages'
import type { WritableDb } from '../store/handle'
import { rememberJob, remoteJobOf, type RemoteJob } from '../store/remote-jobs'
import { runOf } from '../store/runs'
import type { TakeModel } from './bring-file'
import { fetchedFiles } from './fetched-files'
import { hearing } from './said'
import type { RayClient, RayJob } from './ray-client'
import { forgetPackage } from './send-package'
import { bundleNameOf, type SendRun } from './send-run'

export interface RayChildOptions {
  readonly db: WritableDb
  readonly client: RayClient
  readonly send: SendRun
  readonly takeModel: TakeModel
  readonly now: () => number
  /** Between two questions to a cluster that does not answer. */
  readonly againMs?: number
}

interface Following extends Required<RayChildOptions> {
  readonly runId: string
  readonly tell: (events: readonly RunEvent[]) => void
  readonly leaving: AbortSignal
  /** Somebody has asked it to save and stop. */
  readonly stopping: AbortSignal
}

export function rayChild(options: RayChildOptions): ComputeChild {
  const leaving = new AbortController()
  const stopping = new AbortController()
  let onMessage: (message: FromCompute) => void = () => {}
  let onEnd: (end: ProcessEnd) => void = () => {}
  let isKilled = false
  let runId: string | undefined

  async function train(id: string): Promise<void> {
    runId = id
    const tell = (events: readonly RunEvent[]) => onMessage({ kind: 'events', events })
    const following = {
      againMs: 10_000,
      ...options,
      ...{ runId: id, tell, leaving: leaving.signal, stopping: stopping.signal },
    }
    try {
      await followed(following)
    } catch (error) {
      if (!leaving.signal.aborted) tell([{ kind: 'ended', state: 'failed', error: thrownText(error) }])
    }
    const isLeft = leaving.signal.aborted && !isKilled
    onEnd({ code: 0, signal: isKilled ? 'SIGKILL' : null, lastWords: '', ...(isLeft && { isLeft }) })
  }

  return {
    pid: undefined,
    send: (message: ToCompute) => {
      if (message.kind === 'train') void train(message.run.runId)
      if (message.kind === 'stop') stopping.abort()
    },
    onMessage: (listener) => (onMessage = listener),
    onEnd: (listener) => (onEnd = listener),
    kill: () => {
      isKilled = true
      const job = runId === undefined ? undefined : remoteJobOf(options.db, runId)
      if (job) void options.client.stop(job.id).catch(() => {})
      leaving.abort()
    },
    leave: () => leaving.abort(),
  }
}

/** From its sending, or from where it was heard last, to its end. */
async function followed(following: Following): Promise<void> {
  const { db, runId, tell } = following
  const known = remoteJobOf(db, runId)
  const job = known ?? (await begun(following))
  if (!job) return tell([{ kind: 'ended', state: 'stopped' }])
  const stop = () => void asked(following, () => following.client.stop(job.id)).catch(() => {})
  if (following.stopping.aborted || runOf(db, runId).state === 'stopping') stop()
  else following.stopping.addEventListener('abort', stop, { once: true })
  await heard(following, job)
  await forgetPackage(following.client, bundleNameOf(job.id))
}

/** @returns undefined when it was stopped before it was sent */
async function begun({
  db,
  client,
  send,
  runId,
  tell,
  now,
  stopping,
}: Following): Promise<RemoteJob | undefined> {
  const version = await client.version()
  const say = (text: string) => tell([{ kind: 'log', line: { atMs: now(), level: 'info', text } }])
  say(`Sending the run to the cluster ${client.cluster.name} (Ray ${version}).`)
  const id = `studio-${randomUUID()}`
  const submit = await send({ db, client, runId, job: id, say })
  if (stopping.aborted) return undefined
  const job = { cluster: client.cluster.name, id, heard: 0 }
  // First written down, then begun: whatever ends this program, the run is found again.
  rememberJob(db, runId, job)
  await submit()
  return job
}

async function heard(following: Following, job: RemoteJob): Promise<void> {
  const { client, leaving, tell } = following
  const hears = hearing(job.heard)
  let hasEnded = false
  const listen = async () => {
    hears.beginAgain()
    for await (const piece of client.output(job.id, leaving))
      for (const said of hears.take(piece)) {
        const ask = <T>(work: () => Promise<T>) => asked(following, work)
        const events = await fetchedFiles({ ...following, job: job.id, ask }, said)
        hasEnded ||= events.some(({ kind }) => kind === 'ended')
        tell([{ kind: 'heard', line: said.line }, ...events])
      }
  }
  await asked(following, listen)
  leaving.throwIfAborted()
  const last = await asked(following, () => client.job(job.id))
  if (!hasEnded) tell(unsaid(following, last, hears.otherWords()))
}

/** The end of a job that has not said how its run ended. */
function unsaid(
  { client, db, runId, now }: Following,
  job: RayJob | undefined,
  words: string,
): readonly RunEvent[] {
  const { step, resumableStep, state } = runOf(db, runId)
  if (job?.status === 'STOPPED' && state === 'stopping') return [{ kind: 'ended', state: 'stopped' }]
  const why = job ? job.message || `its job is ${job.status}` : 'it knows nothing of the job any more'
  const kept =
    resumableStep === undefined
      ? 'There was no checkpoint yet: start it again.'
      : `Everything up to update ${resumableStep} is kept: Resume continues from there.`
  const error = `The cluster ${client.cluster.name} has ended this run at update ${step}: ${why}. ${kept}`
  const log: RunEvent = { kind: 'log', line: { atMs: now(), level: 'error', text: words } }
  return [...(words === '' ? [] : [log]), { kind: 'ended', state: 'failed', error }]
}

/** Asks until the cluster answers: what runs there goes on meanwhile. */
async function asked<T>(
  { client, tell, now, leaving, againMs }: Following,
  work: () => Promise<T>,
): Promise<T> {
  const say = (level: 'info' | 'alarm', text: string) =>
    tell([{ kind: 'log', line: { atMs: now(), level, text } }])
  for (let isSaid = false; ; isSaid = true) {
    try {
      const answer = await work()
      if (isSaid) say('info', `The cluster ${client.cluster.name} answers again.`)
      return answer
    } catch (error) {
      if (!(error instanceof StudioFailure) || error.error.kind !== 'cluster-failed') throw error
      if (!isSaid)
        say('alarm', `${error.message} What runs there goes on; it is asked again until it answers.`)
      await rest(againMs, undefined, { signal: leaving })
    }
  }
}
