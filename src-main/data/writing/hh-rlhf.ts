/** hh-rlhf (Bai et al. 2022): two transcripts that begin alike, "\n\nHuman: … \n\nAssistant: …". */
import type { Turn } from '../../../src-shared/records/turn'
import { isConversation } from '../../../src-shared/turn-texts'
import { notHeld, type ExportForm, type Parts } from './form'
import { completionTurns, promptTurns } from './messages'

const speakers: Readonly<Record<string, string>> = { user: 'Human', assistant: 'Assistant' }
/** In a message it would be read as another's turn. */
const marked = /\n\n(?:Human|Assistant):/

export const hhRlhf: ExportForm = {
  title: 'hh-rlhf',
  rows: (parts) => {
    const { prompt = '', completion, rejected, source } = parts
    if (completion === undefined || rejected === undefined) return notHeld('is no preference pair')
    if (isConversation(prompt) && (prompt.tools ?? prompt.templateArguments))
      return notHeld('has tools or template arguments, for which a transcript has no place')
    const before = promptTurns(prompt)
    if (before.length === 0) return notHeld('has no prompt, and a transcript begins with one')
    const transcript = (after: Parts['completion']): string =>
      [...before, ...completionTurns(after ?? '')].map(spoken).join('')
    return [
      {
        chosen: transcript(completion),
        rejected: transcript(rejected),
        ...(source !== undefined && { source }),
      },
    ]
  },
}

function spoken({ role, content, reasoning, toolCalls }: Turn): string {
  const speaker = Object.hasOwn(speakers, role) ? speakers[role] : undefined
  if (speaker === undefined)
    return notHeld(`has a turn of “${role}”, and a transcript knows Human and Assistant`)
  if (reasoning !== undefined || toolCalls)
    return notHeld('has thoughts or calls, for which a transcript has no place')
  if (marked.test(content))
    return notHeld('has a message in which “Human:” or “Assistant:” begins a paragraph')
  return `\n\n${speaker}: ${content}`
}
