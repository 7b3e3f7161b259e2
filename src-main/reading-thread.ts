/** Entry: the thread that reads a file of somebody else’s. What it is asked stands in `processes/file-reader.ts`. */
import { parentPort, workerData } from 'node:worker_threads'
import { StudioFailure } from '../src-shared/result'
import { readExamples } from './data/import-file'
import { previewFile } from './data/import-preview'
import type { FromReading, ReadingAsked } from './processes/file-reader'

const port = parentPort!
const { what, path, wish } = workerData as ReadingAsked

const say = (message: FromReading): void => port.postMessage(message)

/** Batches that main has room for. */
let wanted = 0
let wake = (): void => {}
port.on('message', () => {
  wanted++
  wake()
})

async function asked(): Promise<void> {
  while (wanted === 0) await new Promise<void>((resolve) => (wake = resolve))
  wanted--
}

try {
  if (what === 'preview') say({ kind: 'item', item: await previewFile(path, wish) })
  else
    for await (const item of readExamples(path, wish)) {
      await asked()
      say({ kind: 'item', item })
    }
  say({ kind: 'end' })
} catch (thrown) {
  if (!(thrown instanceof StudioFailure)) throw thrown
  say({ kind: 'refused', error: thrown.error })
}
port.close()
