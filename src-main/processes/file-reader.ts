/**
 * Files of somebody else's are read in a thread of their own: main answers meanwhile, whatever stands in them, a reader
 * that does not come back can be left, and one that fills its memory ends alone.
 */
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { ImportPreview } from '../../src-shared/records/dataset'
import { StudioFailure, type StudioError } from '../../src-shared/result'
import type { ImportBatch } from '../data/import-file'
import type { FileWish } from '../data/opened-file'
import { refuse } from '../data/refuse'

export interface FileReader {
  /** As `readExamples`. Aborting ends the thread at once. @throws StudioFailure refused-file; cancelled */
  readonly read: (path: string, wish: FileWish, signal?: AbortSignal) => AsyncGenerator<ImportBatch>
  /** As `previewFile`. @throws StudioFailure refused-file; cancelled */
  readonly preview: (path: string, wish: FileWish, signal?: AbortSignal) => Promise<ImportPreview>
}

/** What a thread is started with. Each message to it asks for one more item. */
export interface ReadingAsked {
  readonly what: 'examples' | 'preview'
  readonly path: string
  readonly wish: FileWish
}

export type FromReading =
  | { readonly kind: 'item'; readonly item: ImportBatch | ImportPreview }
  | { readonly kind: 'end' }
  | { readonly kind: 'refused'; readonly error: StudioError }

/** Batches that are read while the one before is stored. */
const readAhead = 2

/** Of values, not of bytes that are read: a row is at most some megabytes. */
const MEMORY_MB = 2048

/** @param entry the built `reading-thread` */
export function fileReader(entry: string): FileReader {
  return {
    read: (path, wish, signal) =>
      items(entry, { what: 'examples', path, wish }, signal) as AsyncGenerator<ImportBatch>,
    preview: async (path, wish, signal) => {
      for await (const preview of items(entry, { what: 'preview', path, wish }, signal))
        return preview as ImportPreview
      throw new Error('a preview ended without an answer')
    },
  }
}

async function* items(
  entry: string,
  workerData: ReadingAsked,
  signal?: AbortSignal,
): AsyncGenerator<ImportBatch | ImportPreview> {
  const worker = new Worker(entry, { workerData, resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB } })
  const next = messagesOf(worker, workerData.path, signal)
  try {
    for (let each = 0; each < readAhead; each++) worker.postMessage('one more')
    for (let message = await next(); message.kind !== 'end'; message = await next()) {
      if (message.kind === 'refused') throw new StudioFailure(message.error)
      yield message.item
      worker.postMessage('one more')
      await setImmediate() // a thread that is always ahead must not be all that main hears
    }
  } finally {
    await worker.terminate()
  }
}

/** What the thread says, one message a call. */
function messagesOf(worker: Worker, path: string, signal?: AbortSignal): () => Promise<FromReading> {
  const said: FromReading[] = []
  let failure: unknown
  let wake = (): void => {}
  worker.on('message', (message: FromReading) => {
    said.push(message)
    wake()
  })
  worker.on('error', (error) => fail(error))
  const cancel = (): void => fail(new StudioFailure({ kind: 'cancelled' }))
  signal?.addEventListener('abort', cancel, { once: true })
  worker.on('exit', () => {
    signal?.removeEventListener('abort', cancel)
    fail(new Error('the reading thread ended without a word'))
  })
  if (signal?.aborted) cancel()

  function fail(reason: unknown): void {
    failure ??= reason
    wake()
  }

  return async () => {
    while (said.length === 0 && failure === undefined) await new Promise<void>((resolve) => (wake = resolve))
    // What it said before it ended still counts, unless nobody wants it any more.
    if (said.length > 0 && !signal?.aborted) return said.shift()!
    if (isOutOfMemory(failure))
      refuse(path, 'to read it takes more memory than a file of rows may: look for a row without end')
    throw failure
  }
}

const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
