/** OpenAI's chat completions as they are written and read: one question, one answer, no stream. */

export interface ChatServer {
  readonly endpoint: string
  readonly model: string
  readonly key?: string
  readonly requestsPerMinute: number
  /** Of one answer. */
  readonly answerTokens: number
  /** Of one request, its answer read. */
  readonly patienceMs: number
  /** Before the first attempt after a refusal; doubled each time. */
  readonly backOffMs: number
}

export interface ChatAnswer {
  /** What a model that thinks says after its thoughts. */
  readonly text: string
  /** As the server counts; 0 where it counts none. */
  readonly tokensRead: number
  readonly tokensWritten: number
  /** Whether it was cut at the longest answer. */
  readonly isCut: boolean
}

export interface Refusal {
  readonly problem: string
  readonly status?: number
  /** Whether to try again makes sense. */
  readonly mayPass: boolean
  /** What the server asks to wait. */
  readonly afterMs?: number
}

/** Models of one protocol differ in what they take. */
export interface Dialect {
  readonly limit: 'max_tokens' | 'max_completion_tokens'
  readonly hasTemperature: boolean
}

/** What to speak instead, where a refusal says that it is the words; undefined: it is not. */
export function dialectAfter({ status, problem }: Refusal, dialect: Dialect): Dialect | undefined {
  if (status !== 400 && status !== 422) return undefined
  if (dialect.limit === 'max_tokens' && problem.includes('max_completion_tokens'))
    return { ...dialect, limit: 'max_completion_tokens' }
  if (dialect.hasTemperature && /temperature/i.test(problem)) return { ...dialect, hasTemperature: false }
  return undefined
}

export const bodyOf = (
  { model, answerTokens }: Pick<ChatServer, 'model' | 'answerTokens'>,
  { limit, hasTemperature }: Dialect,
  system: string,
  user: string,
): string =>
  JSON.stringify({
    model,
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: user },
    ],
    ...(hasTemperature && { temperature: 0 }),
    [limit]: answerTokens,
  })

const mostBytes = 4 * 2 ** 20

/** The text of a body; undefined for one that does not end where an answer would. */
export async function withinLimit({ body }: Response): Promise<string | undefined> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const part of body ?? []) {
    bytes += (part as Uint8Array).byteLength
    if (bytes > mostBytes) return undefined // leaving the loop ends the request
    text += decoder.decode(part as Uint8Array, { stream: true })
  }
  return text + decoder.decode()
}

interface Said {
  readonly choices?: readonly {
    readonly message?: { readonly content?: unknown }
    readonly finish_reason?: unknown
  }[]
  readonly usage?: { readonly prompt_tokens?: unknown; readonly completion_tokens?: unknown }
}

export function answerIn(body: string, address: string): ChatAnswer | Refusal {
  const said = parsed(body)
  const found = said?.choices?.[0]
  const content = found?.message?.content
  const isCut = found?.finish_reason === 'length'
  // a model that is cut while it thinks has said nothing yet
  const text = content ?? (isCut ? '' : undefined)
  if (typeof text !== 'string')
    return { problem: `what ${address} answers is no chat completion: ${body.slice(0, 200)}`, mayPass: false }
  return {
    text: text.replace(/^[\s\S]*<\/think>|<think>[\s\S]*$/g, '').trim(),
    tokensRead: countOf(said?.usage?.prompt_tokens),
    tokensWritten: countOf(said?.usage?.completion_tokens),
    isCut,
  }
}

function parsed(body: string): Said | null {
  try {
    return JSON.parse(body) as Said | null
  } catch {
    return null
  }
}

const countOf = (value: unknown): number => (typeof value === 'number' && value >= 0 ? value : 0)
