/**
 * Conversations as prompt and completion. All end up in the transcript form of hh-rlhf (Bai et al. 2022):
 * turns begin with "\n\nHuman:" and "\n\nAssistant:", a prompt ends with "\n\nAssistant:", and a completion
 * begins with the space after it.
 */
import { RowProblem } from '../refuse'

export interface Message {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

const roles: Readonly<Record<string, Message['role']>> = {
  system: 'system',
  user: 'user',
  human: 'user',
  prompter: 'user',
  assistant: 'assistant',
  gpt: 'assistant',
  bot: 'assistant',
  model: 'assistant',
}

const ASSISTANT = '\n\nAssistant:'

/** Reads `[{role, content}]`, or `[{from, value}]` as ShareGPT writes it. @throws RowProblem */
export function messagesIn(value: readonly unknown[], name: string): readonly Message[] {
  return value.map((each, i) => {
    const { role, from, content, value: said } = (each ?? {}) as Readonly<Record<string, unknown>>
    const known = roles[String(role ?? from).toLowerCase()]
    if (!known)
      throw new RowProblem(
        `"${name}" turn ${i + 1} has the role "${String(role ?? from)}"; system, user and assistant are ` +
          'known',
      )
    return { role: known, content: contentOf(content ?? said, `"${name}" turn ${i + 1}`) }
  })
}

function contentOf(content: unknown, where: string): string {
  if (typeof content === 'string') return content
  const texts = Array.isArray(content)
    ? content.map((part) => (part as { text?: unknown } | null)?.text)
    : [undefined]
  if (!texts.every((text) => typeof text === 'string'))
    throw new RowProblem(`${where} has no text as its content`)
  return texts.join('')
}

/** The last assistant turn and all that comes before it. @throws RowProblem, when no assistant speaks */
export function demonstrationOf(
  messages: readonly Message[],
  name: string,
): { readonly prompt: string; readonly completion: string } {
  const last = messages.findLastIndex((message) => message.role === 'assistant')
  if (last < 0) throw new RowProblem(`"${name}" has no assistant turn to learn from`)
  return {
    prompt: promptOf(messages.slice(0, last)),
    completion: completionOf(messages.slice(last, last + 1)),
  }
}

/**
 * Two conversations that begin alike: split before the assistant turn in which they part.
 * @throws RowProblem, when they part elsewhere
 */
export function preferenceOf(
  chosen: readonly Message[],
  rejected: readonly Message[],
): { readonly prompt: string; readonly chosen: string; readonly rejected: string } {
  let common = 0
  while (common < Math.min(chosen.length, rejected.length) && isSame(chosen[common], rejected[common]))
    common++
  while (common > 0 && !(chosen[common]?.role === 'assistant' && rejected[common]?.role === 'assistant'))
    common--
  if (chosen[common]?.role !== 'assistant' || rejected[common]?.role !== 'assistant')
    throw new RowProblem(
      '"chosen" and "rejected" part before an assistant turn: they do not continue the same prompt',
    )
  return {
    prompt: common === 0 ? '' : promptOf(chosen.slice(0, common)),
    chosen: completionOf(chosen.slice(common)),
    rejected: completionOf(rejected.slice(common)),
  }
}

/**
 * Two hh-rlhf transcripts: split at the last "\n\nAssistant:" that both have before they part.
 * @throws RowProblem
 */
export function splitTranscripts(
  chosen: string,
  rejected: string,
): { readonly prompt: string; readonly chosen: string; readonly rejected: string } {
  let common = 0
  while (common < chosen.length && common < rejected.length && chosen[common] === rejected[common]) common++
  const turn = chosen.slice(0, common).lastIndexOf(ASSISTANT)
  if (turn < 0)
    throw new RowProblem(
      '"chosen" and "rejected" part before the first "Assistant:": they do not continue the same prompt',
    )
  const end = turn + ASSISTANT.length
  return { prompt: chosen.slice(0, end), chosen: chosen.slice(end), rejected: rejected.slice(end) }
}

export const isTranscript = (text: string): boolean => text.includes('\n\nHuman:') && text.includes(ASSISTANT)

export const promptOf = (messages: readonly Message[]): string =>
  `${messages.map(turnOf).join('')}${ASSISTANT}`

/** The turns after a prompt: the first, an assistant's, as it is; any later ones as turns. */
export const completionOf = ([first, ...later]: readonly Message[]): string =>
  ` ${first?.content ?? ''}${later.map(turnOf).join('')}`

const turnOf = ({ role, content }: Message): string =>
  role === 'system' ? content : `\n\n${role === 'user' ? 'Human' : 'Assistant'}: ${content}`

const isSame = (a: Message | undefined, b: Message | undefined): boolean =>
  a?.role === b?.role && a?.content === b?.content
