/**
 * Main's end of the warm process: one compute process that writes texts for Compare and label queues while
 * training goes on in others. It starts with the first request; when it ends by itself, what was asked of it
 * fails, and the next request starts another.
 */
import { errorText, StudioFailure, type StudioError } from '../../src-shared/result'
import type { ExportedModel } from '../../src-shared/records/checkpoint'
import type { Device } from '../../src-shared/records/device'
import type { MemoryNeed } from '../../src-shared/records/run'
import type { ExportRequest, ImportedModel, ImportRequest } from '../checkpoints/model-library'
import type { SizedRun } from '../launch/memory-need'
import { endInWords, type ComputeChild, type ForkCompute, type ProcessEnd } from './compute-child'
import type {
  BatchRequest,
  FromCompute,
  StreamedPiece,
  StreamRequest,
  WarmAnswer,
  WarmRequest,
  WrittenText,
} from './messages'

export interface WarmProcess {
  /**
   * Every device there could be, looked up once a start. When that fails, a device that says why it cannot be
   * used, and it is tried again.
   */
  devices(): Promise<readonly Device[]>
  /**
   * What a run would hold at its peak; the same question is answered from memory.
   * @throws StudioFailure when it cannot be said
   */
  memoryNeed(run: SizedRun): Promise<MemoryNeed>
  /** Stops within a token when the signal aborts. @throws StudioFailure saying why it cannot be written */
  stream(request: StreamRequest, signal: AbortSignal): AsyncGenerator<StreamedPiece>
  batch(request: BatchRequest, signal: AbortSignal): Promise<readonly WrittenText[]>
  /**
   * Reads a model from elsewhere into a file beside the registry. Yields how far it is, 0 … 1, and last the
   * model.
   * @throws StudioFailure refused-file
   */
  importModel(request: ImportRequest, signal: AbortSignal): AsyncGenerator<number | ImportedModel>
  /** @throws StudioFailure when the folder cannot be written or the model has no such form */
  exportModel(request: ExportRequest): Promise<ExportedModel>
  close(): void
}

/** A form asks again with every key. */
const rememberedNeeds = 100

/** A request whose answers have not all come. */
interface Pending {
  take(answer: WarmAnswer): void
  done(error?: StudioError): void
}

export function warmProcess(registryPath: string, fork: ForkCompute): WarmProcess {
  const pending = new Map<number, Pending>()
  let child: ComputeChild | undefined
  let nextId = 1
  let isClosed = false
  let devices: Promise<readonly Device[]> | undefined
  const needs = new Map<string, Promise<MemoryNeed>>()

  function running(): ComputeChild {
    if (child) return child
    const started = fork()
    started.onMessage(receive)
    started.onEnd((end) => lose(started, end))
    started.send({ kind: 'warm', registryPath })
    return (child = started)
  }

  function receive(message: FromCompute): void {
    if (message.kind === 'answer') pending.get(message.id)?.take(message.answer)
    if (message.kind !== 'done') return
    const request = pending.get(message.id)
    pending.delete(message.id)
    request?.done(message.error)
  }

  function lose(ended: ComputeChild, end: ProcessEnd): void {
    if (child === ended) child = undefined
    if (end.lastWords && !isClosed) console.error(end.lastWords)
    const lost = [...pending.values()]
    pending.clear()
    for (const request of lost)
      request.done({
        kind: 'compute-failed',
        problem: `${endInWords(end)} before it was done. Nothing that was saved is lost; ask again.`,
      })
  }

  /** Answers as they come. Leaving the loop, or the signal, cancels the request. */
  async function* answersTo(request: WarmRequest, signal?: AbortSignal): AsyncGenerator<WarmAnswer> {
    if (isClosed || signal?.aborted) return
    const id = nextId++
    const waiting: WarmAnswer[] = []
    let end: { readonly error?: StudioError } | undefined
    let wake = () => {}
    pending.set(id, {
      take: (answer) => {
        waiting.push(answer)
        wake()
      },
      done: (error) => {
        end = error ? { error } : {}
        wake()
      },
    })
    const cancel = () => {
      if (pending.delete(id)) child?.send({ kind: 'cancel', id })
      end ??= {}
      waiting.length = 0
      wake()
    }
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      running().send({ kind: 'ask', id, request })
      for (;;) {
        for (let answer = waiting.shift(); answer; answer = waiting.shift()) yield answer
        if (end) break
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      if (end.error) throw new StudioFailure(end.error)
    } finally {
      signal?.removeEventListener('abort', cancel)
      cancel()
    }
  }

  async function lookUpDevices(): Promise<readonly Device[]> {
    for await (const answer of answersTo({ kind: 'devices' }))
      if (answer.kind === 'devices') return answer.devices
    throw new StudioFailure({ kind: 'compute-failed', problem: 'The studio is closing.' })
  }

  async function askMemoryNeed(run: SizedRun): Promise<MemoryNeed> {
    for await (const answer of answersTo({ kind: 'memory', run }))
      if (answer.kind === 'memory') return answer.need
    throw new StudioFailure({ kind: 'compute-failed', problem: 'The studio is closing.' })
  }

  return {
    memoryNeed: (run) => {
      const key = JSON.stringify(run)
      const need = needs.get(key) ?? askMemoryNeed(run)
      needs.set(key, need)
      need.catch(() => needs.delete(key))
      for (const [oldest] of needs) if (needs.size > rememberedNeeds) needs.delete(oldest)
      return need
    },
    devices: () => {
      devices ??= lookUpDevices().catch((error: unknown) => {
        devices = undefined
        if (!(error instanceof StudioFailure)) throw error
        return [
          { id: 'none', name: 'No device', isUsable: false, whyNot: errorText(error.error), isDefault: true },
        ]
      })
      return devices
    },
    stream: async function* (request, signal) {
      for await (const answer of answersTo({ kind: 'stream', request }, signal))
        if (answer.kind === 'pieces') yield* answer.pieces
    },
    batch: async (request, signal) => {
      for await (const answer of answersTo({ kind: 'batch', request }, signal))
        if (answer.kind === 'batch') return answer.completions
      throw new StudioFailure({ kind: 'cancelled' })
    },
    importModel: async function* (request, signal) {
      for await (const answer of answersTo({ kind: 'import-model', request }, signal)) {
        if (answer.kind === 'import-progress') yield answer.share
        if (answer.kind === 'imported-model') yield answer.model
      }
    },
    exportModel: async (request) => {
      for await (const answer of answersTo({ kind: 'export-model', request }))
        if (answer.kind === 'exported-model') return answer.exported
      throw new StudioFailure({ kind: 'cancelled' })
    },
    close: () => {
      isClosed = true
      child?.kill()
    },
  }
}
