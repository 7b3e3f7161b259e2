/** `reading-program FILE`: reads a file as an import does and reports rows and the most memory it held. */
import { readExamples } from '../../src-main/data/import-file'

let rows = 0
for await (const batch of readExamples(process.argv[2] ?? '')) rows += batch.examples.length
process.send?.({ rows, peakBytes: process.resourceUsage().maxRSS * 1024 })
