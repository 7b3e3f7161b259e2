/**
 * `points-server.js FOLDER`: a headless studio whose one training says 100,000 metric points, ten messages a
 * second, once it is told to on its standard input. All else is the studio's own: registry, supervisor,
 * handlers, socket. Prints where it is, and at the end how long it was busy.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import path from 'node:path'
import readline from 'node:readline'
import { apiOf } from '../../../src-main/cli/pipe'
import { forkNode, type ComputeChild } from '../../../src-main/processes/compute-child'
import type { FromCompute, RunEvent } from '../../../src-main/processes/messages'
import { serve } from '../../../src-main/border/serve'
import { openStudio } from '../../../src-main/studio'
import { startWebServer } from '../../../src-main/border/web-server'
import type { MetricValues } from '../../../src-main/trainers/trainer'

const points = 100_000
const metricsAnUpdate = 8
const updates = points / metricsAnUpdate
const messages = 100
const messageEveryMs = 100

const folder = process.argv[2]!
const reportBug = (where: string, error: unknown): void => console.error(where, error)
const forkReal = forkNode(path.resolve('out/main/compute-process.js'))
let begin = (): void => {}
const told = new Promise<void>((resolve) => {
  begin = resolve
})

const studio = await openStudio({
  registryPath: path.join(folder, 'points.sqlite'),
  host: 'headless',
  fork: talkingChild,
  readingThread: path.resolve('out/main/reading-thread.js'),
  reportBug,
})
const api = apiOf(studio.handlers, reportBug)
const runId = await launch()
const token = 'bench'
const { port } = await startWebServer(
  {
    pageFolder: path.resolve('out/renderer'),
    token,
    uploads: studio.uploads,
    onWire: (wire) => serve(wire, studio.handlers, reportBug),
  },
  0,
)
console.log(JSON.stringify({ origin: `http://127.0.0.1:${port}`, token, runId, updates }))

const delay = monitorEventLoopDelay({ resolution: 2 })
for await (const _ of readline.createInterface({ input: process.stdin })) {
  delay.enable()
  begin()
}

/** Trains nothing, and says what a training would. Requests for the warm process go to a real one. */
function talkingChild(): ComputeChild {
  let listen: (message: FromCompute) => void = () => {}
  let end: Parameters<ComputeChild['onEnd']>[0] = () => {}
  let real: ComputeChild | undefined
  return {
    pid: undefined,
    send: (message) => {
      if (message.kind === 'train')
        return void talk((event) => listen(event)).then(() => end({ code: 0, signal: null, lastWords: '' }))
      if (!real) {
        real = forkReal()
        real.onMessage((answer) => listen(answer))
        real.onEnd((ended) => end(ended))
      }
      real.send(message)
    },
    onMessage: (listener) => {
      listen = listener
    },
    onEnd: (listener) => {
      end = listener
    },
    kill: () => real?.kill(),
  }
}

async function talk(say: (message: FromCompute) => void): Promise<void> {
  say({ kind: 'events', events: [{ kind: 'plan', totalSteps: updates, step: 0 }] })
  await told
  for (let message = 0; message < messages; message++) {
    const dueMs = performance.now() + messageEveryMs
    say({ kind: 'events', events: eventsOf(message) })
    await new Promise((resolve) => {
      setTimeout(resolve, dueMs - performance.now())
    })
  }
  say({ kind: 'events', events: [{ kind: 'ended', state: 'finished' }] })
  console.log(JSON.stringify({ points, longestMs: delay.max / 1e6 }))
}

function eventsOf(message: number): RunEvent[] {
  const each = updates / messages
  return Array.from({ length: each }, (_, index) => {
    const step = message * each + index + 1
    return { kind: 'update', step, atMs: Date.now(), values: valuesAt(step) }
  })
}

/** Curves with noise, so that none of them is a straight line to draw. */
function valuesAt(step: number): MetricValues {
  const noise = (seed: number): number => (Math.sin(step * 12.9898 + seed * 78.233) * 43758.5453) % 1
  const fall = Math.exp(-step / updates)
  return {
    'loss/train': 2 * fall + 0.2 * noise(1),
    'loss/held-out': 2.1 * fall + 0.05 * noise(2),
    'optimizer/gradient-norm': 0.5 + 0.3 * noise(3),
    'optimizer/learning-rate': 1e-3 * fall,
    'pace/tokens': 20_000 + 2000 * noise(4),
    'text/length': 40 + 10 * noise(5),
    'text/ended': 0.9 + 0.05 * noise(6),
    'text/distinct-2': 0.7 + 0.1 * noise(7),
  }
}

async function launch(): Promise<string> {
  const signal = new AbortController().signal
  let datasetId = ''
  for await (const progress of api.stream(
    'datasets.import',
    { path: path.resolve('resources/datasets/short-english-wordnet.txt') },
    signal,
  ))
    datasetId = progress.done?.dataset.id ?? ''
  const launched = await api.call('runs.launch', {
    recipe: 'pretrain',
    settings: { updates },
    inputs: { texts: [datasetId] },
  })
  if (!launched.ok) throw new Error(JSON.stringify(launched.error))
  return launched.value.id
}
