/** The JSON of a request's body, of limited length. */
import type { IncomingMessage } from 'node:http'
import { Refusal } from './refusal'

const mostBytes = 16 * 1024 * 1024

/** @throws Refusal when it is too long or no JSON object */
export async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request) {
    bytes += (part as Buffer).length
    if (bytes > mostBytes) throw new Refusal(413, `The body is longer than ${mostBytes / 1024 / 1024} MB.`)
    parts.push(part as Buffer)
  }
  const body = parsed(Buffer.concat(parts).toString())
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Refusal(400, 'The body is no JSON object.')
  return body
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
