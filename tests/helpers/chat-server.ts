/** A server on this machine that speaks OpenAI's chat completions, and answers as a test says. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Asked {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: {
    readonly model: string
    readonly temperature?: number
    readonly max_tokens?: number
    readonly max_completion_tokens?: number
    readonly messages: readonly { readonly role: string; readonly content: string }[]
  }
  /** Of a question which of two is better. */
  readonly a: string
  readonly b: string
  /** Whether who asked has gone away before the answer. */
  readonly isGone: () => boolean
}

export interface Reply {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body: string
}

/** A text is what the model says; nothing: the test answers by itself. */
export type Answering = (asked: Asked, response: ServerResponse) => string | Reply | undefined

export const said = (content: unknown, finish_reason = 'stop'): string =>
  JSON.stringify({
    choices: [{ message: { role: 'assistant', content }, finish_reason }],
    usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 },
  })

/** @returns its endpoint, and all that it was asked */
export async function chatServer(
  answer: Answering,
): Promise<{ readonly endpoint: string; readonly asked: readonly Asked[]; close(): void }> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (part: Buffer) => (text += part.toString()))
    request.on('end', () => {
      const body = JSON.parse(text) as Asked['body']
      const question = body.messages[1]!.content
      const [, a = '', b = ''] = /Answer A:\n(.*)\n\nAnswer B:\n(.*)\n\nWhich/s.exec(question) ?? []
      const isGone = () => response.destroyed
      const one: Asked = { path: request.url ?? '', headers: request.headers, body, a, b, isGone }
      asked.push(one)
      const reply = answer(one, response)
      if (reply === undefined) return
      const {
        status = 200,
        headers,
        body: sent,
      }: Reply = typeof reply === 'string' ? { body: said(reply) } : reply
      response.writeHead(status, headers).end(sent)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  onTestFinished(close)
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, asked, close }
}

/** Who is honest prefers the longer one. */
export const longer = ({ a, b }: Pick<Asked, 'a' | 'b'>): string =>
  a.length === b.length ? 'tie' : a.length > b.length ? 'A' : 'B'
