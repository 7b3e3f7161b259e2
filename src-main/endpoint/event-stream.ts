/** Server-sent events as OpenAI's clients read them: `data:` and JSON, one blank line, `[DONE]` at the end. */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { errorBody, Refusal, refusalOf } from './refusal'

export interface EventStream {
  /** Waits while the client does not read. */
  send(data: object): Promise<void>
  /** Work whose failure the client is told as an event: its status is long sent. @throws what is a bug, after that */
  guarded(work: () => Promise<void>): Promise<void>
  end(): void
}

export function eventStream(response: ServerResponse, signal: AbortSignal): EventStream {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  })
  let hasFailed = false
  const send = async (data: object): Promise<void> => {
    if (signal.aborted || response.write(`data: ${JSON.stringify(data)}\n\n`)) return
    await once(response, 'drain', { signal }).catch(() => {}) // who has gone reads nothing any more
  }
  return {
    send,
    guarded: async (work) => {
      try {
        await work()
      } catch (thrown) {
        hasFailed = true
        const refusal = refusalOf(thrown)
        await send(errorBody(refusal ?? new Refusal(500, brokenText)))
        if (!refusal) throw thrown
      }
    },
    // after an error there is no [DONE]: a client that sees one takes the text for whole
    end: () => {
      if (!hasFailed) response.write('data: [DONE]\n\n')
      response.end()
    },
  }
}

export const brokenText = 'Something broke inside the studio; its log says what.'
