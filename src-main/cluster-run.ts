/**
 * Entry of a run on another machine: Ray starts it beside a run's bundle. It trains as a compute process does; what
 * happens goes to its output as numbered lines, and checkpoints into Ray's folder of logs, from where they are fetched.
 */
import { parseArgs } from 'node:util'
import { executeRun } from './runs/execute-run'
import { publishing } from './cluster/published'

const { values } = parseArgs({
  options: { registry: { type: 'string' }, run: { type: 'string' }, job: { type: 'string' } },
})
const { registry = '', run = '', job = '' } = values

const stopping = new AbortController()
process.on('SIGINT', () => stopping.abort())
process.on('SIGTERM', () => stopping.abort())

const published = publishing({ folder: process.cwd(), job, write: (text) => process.stdout.write(text) })
await executeRun({ registryPath: registry, runId: run }, published.add, stopping.signal)
published.end()
process.stdout.write('', () => process.exit(0))
