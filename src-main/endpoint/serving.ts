/** The endpoint of an open studio: off until somebody turns it on, and then for every checkpoint that writes texts. */
import { randomInt } from 'node:crypto'
import type { Serving } from '../../src-shared/records/chat'
import { StudioFailure } from '../../src-shared/result'
import { secret } from '../border/door'
import type { WarmProcess } from '../processes/warm-process'
import { listCheckpoints } from '../store/checkpoints'
import type { ReadableDb } from '../store/handle'
import { startEndpoint, type Endpoint, type EndpointOptions } from './endpoint'
import { servedModels } from './served-models'

export interface CheckpointServing {
  state(): Serving
  /** On the same port and with the same key as before in this start, where nothing else has taken it. */
  start(): Promise<Serving>
  stop(): Serving
}

interface Parts {
  readonly db: ReadableDb
  readonly warm: Pick<WarmProcess, 'write'>
  readonly now: () => number
  readonly reportBug: (where: string, error: unknown) => void
}

export function checkpointServing({ db, warm, now, reportBug }: Parts): CheckpointServing {
  const key = secret()
  let requests = 0
  const door = heldDoor({
    models: () => servedModels(listCheckpoints(db)),
    write: (...asked) => {
      requests++
      return warm.write(...asked)
    },
    key,
    now,
    drawSeed: () => randomInt(2 ** 32),
    reportBug,
  })
  const state = (): Serving => {
    const port = door.port()
    return { requests, ...(port !== undefined && { apiKey: key, baseUrl: `http://127.0.0.1:${port}/v1` }) }
  }
  return {
    state,
    start: async () => {
      await door.open()
      return state()
    },
    stop: () => {
      door.close()
      return state()
    },
  }
}

/** An endpoint that opens at most once at a time, and again where it was. */
function heldDoor(options: EndpointOptions) {
  let opening: Promise<Endpoint> | undefined
  let endpoint: Endpoint | undefined
  let lastPort = 0
  return {
    port: () => endpoint?.port,
    open: async (): Promise<void> => {
      opening ??= startEndpoint(options, lastPort).catch(() => startEndpoint(options, 0))
      try {
        endpoint = await opening
        lastPort = endpoint.port
      } catch (error) {
        opening = undefined
        throw new StudioFailure({
          kind: 'compute-failed',
          problem: `Nothing can be served: ${String(error)}`,
        })
      }
    },
    close: () => {
      endpoint?.close()
      endpoint = undefined
      opening = undefined
    },
  }
}
