/**
 * `reading-program FILE`: reads a file as an import does and reports rows, the most memory it held, and the
 * longest it held its thread.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { readExamples } from '../../src-main/data/import-file'

const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()
let rows = 0
for await (const batch of readExamples(process.argv[2] ?? '')) rows += batch.examples.length
process.send?.({ rows, peakBytes: process.resourceUsage().maxRSS * 1024, blockedMs: delay.max / 1e6 })
