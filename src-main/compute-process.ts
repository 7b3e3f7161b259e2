/**
 * Entry of a compute process: either one run, after which it ends, or the warm process, which
 * answers until its channel closes. A closed channel means that main is gone: nobody would write down what
 * this process finds, so it ends.
 */
import { setPriority } from 'node:os'
import type { FromCompute, RunAddress, RunEvent, ToCompute } from './processes/messages'
import { breathe } from './changes/topic'
import { COMPILED_CPU, openEngine } from './compute/devices'
import { probeDevice } from './compute/providers/probe'
import { selftest } from './compute/selftest/selftest'
import { executeRun } from './runs/execute-run'
import { parentWire } from './processes/child-wire'
import { endWithParent } from './processes/parent-watch'
import { serveWarm } from './processes/warm-service'
import { trlProject } from './trl/trl-project'

/** The way to main: Electron's parent port, or Node's channel. */
interface ParentPort {
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void
  postMessage(message: unknown): void
}

const parentPort = (process as { readonly parentPort?: ParentPort }).parentPort

function send(message: FromCompute, onSent = () => {}): void {
  if (parentPort) {
    parentPort.postMessage(message)
    onSent()
  } else {
    process.send?.(message, onSent)
  }
}

/** Events of at most this long go in one message. */
const gatherMs = 100

function eventGatherer(): { add(event: RunEvent): void; flush(onSent?: () => void): void } {
  let waiting: RunEvent[] = []
  let timer: NodeJS.Timeout | undefined
  let sinceMs = 0
  function flush(onSent?: () => void): void {
    clearTimeout(timer)
    timer = undefined
    const events = waiting
    waiting = []
    send({ kind: 'events', events }, onSent)
  }
  return {
    flush,
    // The timer alone would be late: an update may hold the thread for longer.
    add: (event) => {
      if (waiting.push(event) === 1) {
        sinceMs = performance.now()
        timer = setTimeout(flush, gatherMs)
      }
      if (performance.now() - sinceMs >= gatherMs) flush()
    },
  }
}

/** The window goes before a text someone waits for, and that before a training (nice values). */
const priorities = { training: 5, warm: 2 } as const

const stopping = new AbortController()
const main = parentWire(send)

async function train(run: RunAddress): Promise<void> {
  const events = eventGatherer()
  await executeRun(run, events.add, stopping.signal)
  events.flush(leave)
}

/** Electron's port says nothing of what has arrived: the end waits until the messages are through. */
function leave(): void {
  if (parentPort) setTimeout(() => process.exit(0), gatherMs)
  else process.exit(0)
}

async function probe(deviceId: string): Promise<void> {
  send({ kind: 'probed', device: await probeDevice(deviceId) }, leave)
}

async function test(deviceId: string, threads: number | undefined): Promise<void> {
  let problem: string | undefined
  try {
    const engine = await openEngine(deviceId, threads)
    for await (const event of selftest(engine, { isStrict: deviceId === COMPILED_CPU })) {
      send({ kind: 'selftest', event })
      await breathe()
    }
    engine.dispose()
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error)
  }
  send({ kind: 'selftested', ...(problem !== undefined && { problem }) }, leave)
}

function receive(message: ToCompute): void {
  switch (message.kind) {
    case 'train':
      setPriority(priorities.training)
      return void train(message.run)
    case 'probe':
      return void probe(message.deviceId)
    case 'selftest':
      return void test(message.deviceId, message.threads)
    case 'stop':
      return stopping.abort()
    case 'warm':
      setPriority(priorities.warm)
      return serveWarm(main.wire, message.registryPath, trlProject)
    case 'frame':
      return main.take(message.frame)
  }
}

endWithParent()
// Ctrl C in a terminal reaches this process, too; main, which gets it as well, decides what is to be saved.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => stopping.abort())
if (parentPort) parentPort.on('message', ({ data }) => receive(data as ToCompute))
else process.on('message', (message) => receive(message as ToCompute))
process.on('disconnect', () => process.exit(1))
