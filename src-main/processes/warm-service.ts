/**
 * The warm process's end: texts from checkpoints, for Compare and for label queues, while training goes on
 * elsewhere. The last few models stay in memory. Each token is one turn of the event loop, so requests under
 * way take turns by themselves.
 */
import type { WeightFormat } from '../../src-shared/records/sample'
import { StudioFailure, type StudioError } from '../../src-shared/result'
import type {
  BatchRequest,
  FromCompute,
  StreamedPiece,
  StreamRequest,
  WarmAnswer,
  WarmRequest,
  WrittenText,
} from './messages'
import { listDevices, openEngine } from '../compute/devices'
import type { Engine } from '../compute/engine'
import { UnknownCharacterError } from '../model/tokenizers/character'
import { memoryNeed } from '../launch/memory-need'
import { openTextWriter, PromptTooLongError, type TextWriter } from '../model/writing/generation'
import { modelShelf } from '../model/model-shelf'
import { exportedModel, importedModel } from '../checkpoints/model-library'
import { checkpointOf, filesOfCheckpoint } from '../store/checkpoints'
import { openReadOnly } from '../store/database'
import type { ReadableDb } from '../store/handle'

export interface WarmService {
  ask(id: number, request: WarmRequest): void
  cancel(id: number): void
}

/** @param answer takes any number of answers a request, and at last its `done` */
export function warmService(registryPath: string, answer: (message: FromCompute) => void): WarmService {
  const underWay = new Map<number, AbortController>()
  const db = openReadOnly(registryPath)
  const writers = writerShelf(db)

  async function ask(id: number, request: WarmRequest): Promise<void> {
    const closing = new AbortController()
    underWay.set(id, closing)
    let error: StudioError | undefined
    try {
      for await (const each of answersTo(request, db, writers, closing.signal))
        answer({ kind: 'answer', id, answer: each })
    } catch (thrown) {
      error = closing.signal.aborted ? { kind: 'cancelled' } : errorOf(thrown)
    }
    underWay.delete(id)
    answer({ kind: 'done', id, ...(error && { error }) })
  }

  return { ask: (id, request) => void ask(id, request), cancel: (id) => underWay.get(id)?.abort() }
}

async function* answersTo(
  request: WarmRequest,
  db: ReadableDb,
  writers: WriterShelf,
  signal: AbortSignal,
): AsyncGenerator<WarmAnswer> {
  switch (request.kind) {
    case 'devices':
      return yield { kind: 'devices', devices: listDevices() }
    case 'memory':
      return yield { kind: 'memory', need: await memoryNeed(request.run) }
    case 'import-model':
      for await (const step of importedModel(db, request.request, signal))
        yield typeof step === 'number'
          ? { kind: 'import-progress', share: step }
          : { kind: 'imported-model', model: step }
      return
    case 'export-model':
      return yield { kind: 'exported-model', exported: await exportedModel(db, request.request) }
    case 'batch':
      return yield { kind: 'batch', completions: await writeBatch(request.request, writers, signal) }
    case 'stream':
      for await (const pieces of gathered(bothSides(request.request, writers, signal)))
        yield { kind: 'pieces', pieces }
  }
}

async function writeBatch(
  { checkpointId, prompts, sampling }: BatchRequest,
  writers: WriterShelf,
  signal: AbortSignal,
): Promise<readonly WrittenText[]> {
  const { writer, putBack } = await writers.take(checkpointId)
  try {
    const completions = await writer.generate(prompts, sampling, { signal })
    return completions.map(({ text, completionTokens, hasEnded }) => ({
      text,
      tokens: completionTokens,
      hasEnded,
    }))
  } finally {
    putBack()
  }
}

/** One token left, one right, until both have ended. */
async function* bothSides(
  { prompt, leftCheckpointId, rightCheckpointId, sampling, weights }: StreamRequest,
  writers: WriterShelf,
  signal: AbortSignal,
): AsyncGenerator<StreamedPiece> {
  const taken: TakenWriter[] = []
  try {
    for (const checkpointId of rightCheckpointId === undefined
      ? [leftCheckpointId]
      : [leftCheckpointId, rightCheckpointId])
      taken.push(await writers.take(checkpointId, weights))
    let writing = taken.map(({ writer }, place) =>
      sideOf(place === 0 ? 'left' : 'right', writer, prompt, sampling, signal),
    )
    while (writing.length > 0) {
      const still: typeof writing = []
      for (const side of writing) {
        const next = await side.next()
        if (next.done) continue
        yield next.value
        still.push(side)
      }
      writing = still
    }
  } finally {
    for (const { putBack } of taken) putBack()
  }
}

async function* sideOf(
  side: 'left' | 'right',
  writer: TextWriter,
  prompt: string,
  sampling: StreamRequest['sampling'],
  signal: AbortSignal,
): AsyncGenerator<StreamedPiece> {
  let text = ''
  let tokens = 0
  let hasEnded = false
  let workedMs = 0
  const stream = writer.stream(prompt, sampling, signal)
  for (;;) {
    const startMs = performance.now()
    const next = await stream.next()
    workedMs += performance.now() - startMs
    if (next.done) break
    hasEnded = next.value.hasEnded
    text += next.value.text
    if (!hasEnded) tokens++
    if (!hasEnded || next.value.text !== '') yield { side, text: next.value.text, tokens }
  }
  yield {
    side,
    text: '',
    tokens,
    end: { text, tokens, hasEnded, tokensASecond: (tokens * 1000) / Math.max(1, workedMs) },
  }
}

/** A window draws every 16 ms: more messages than that are only work. */
const gatherMs = 16

async function* gathered(pieces: AsyncIterable<StreamedPiece>): AsyncGenerator<readonly StreamedPiece[]> {
  let waiting: StreamedPiece[] = []
  let sinceMs = performance.now()
  for await (const piece of pieces) {
    waiting.push(piece)
    if (!piece.end && performance.now() - sinceMs < gatherMs) continue
    yield joinedBySide(waiting)
    waiting = []
    sinceMs = performance.now()
  }
  if (waiting.length > 0) yield joinedBySide(waiting)
}

function joinedBySide(pieces: readonly StreamedPiece[]): readonly StreamedPiece[] {
  return (['left', 'right'] as const).flatMap((side) => {
    const own = pieces.filter((piece) => piece.side === side)
    const last = own.at(-1)
    return last ? [{ ...last, text: own.map((piece) => piece.text).join('') }] : []
  })
}

interface TakenWriter {
  readonly writer: TextWriter
  putBack(): void
}

interface WriterShelf {
  /** @throws StudioFailure when there is no such checkpoint, its file is damaged, or it writes no text */
  take(checkpointId: string, weights?: WeightFormat): Promise<TakenWriter>
}

const keptModels = 4

/** Loaded models with their compiled graphs. Beyond the number kept, the one unused for longest is freed. */
function writerShelf(db: ReadableDb): WriterShelf {
  const shelf = new Map<string, { readonly writer: TextWriter; users: number }>()
  const loading = new Map<string, Promise<TextWriter>>()
  const loadFile = modelShelf()
  let engine: Promise<Engine> | undefined

  async function load(checkpointId: string, weights: WeightFormat): Promise<TextWriter> {
    const { name } = checkpointOf(db, checkpointId)
    const { model } = await loadFile(filesOfCheckpoint(db, checkpointId).path)
    if (model.kind !== 'language-model')
      throw new StudioFailure({
        kind: 'invalid-input',
        field: name,
        problem: 'is a reward model; it writes no text',
      })
    return openTextWriter(await (engine ??= openEngine()), model, weights)
  }

  /** Two requests for one writer wait for the same loading. */
  async function loadOnce(key: string, load: () => Promise<TextWriter>): Promise<TextWriter> {
    const underWay = loading.get(key) ?? load()
    loading.set(key, underWay)
    try {
      return await underWay
    } finally {
      loading.delete(key)
    }
  }

  function freeUnused(): void {
    for (const [key, { writer, users }] of shelf) {
      if (shelf.size <= keptModels) return
      if (users > 0) continue
      shelf.delete(key)
      writer.dispose()
    }
  }

  return {
    take: async (checkpointId, weights = 'as-they-are') => {
      const key = `${checkpointId} ${weights}`
      if (!shelf.has(key)) {
        const writer = await loadOnce(key, () => load(checkpointId, weights))
        if (!shelf.has(key)) shelf.set(key, { writer, users: 0 })
      }
      const entry = shelf.get(key)!
      entry.users++
      shelf.delete(key)
      shelf.set(key, entry)
      freeUnused()
      return {
        writer: entry.writer,
        putBack: () => {
          entry.users--
          freeUnused()
        },
      }
    },
  }
}

function errorOf(thrown: unknown): StudioError {
  if (thrown instanceof StudioFailure) return thrown.error
  if (thrown instanceof PromptTooLongError || thrown instanceof UnknownCharacterError)
    return { kind: 'invalid-input', field: 'prompt', problem: `cannot be read: ${thrown.message}` }
  console.error(thrown)
  return {
    kind: 'compute-failed',
    problem: `The model could not be run: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
  }
}
