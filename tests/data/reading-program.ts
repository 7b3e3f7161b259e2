/** `reading-program FILE`: reads a file as an import does and reports rows and the most memory it held. */
import { readExamples } from '../../src-main/data/import-file'
import { StudioFailure } from '../../src-shared/result'

let rows = 0
try {
  for await (const batch of readExamples(process.argv[2] ?? '')) rows += batch.examples.length
} catch (error) {
  if (!(error instanceof StudioFailure) || error.error.kind !== 'refused-file') throw error
}
process.send?.({ rows, peakBytes: process.resourceUsage().maxRSS * 1024 })
