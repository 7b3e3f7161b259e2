/** `studio chat CHECKPOINT …`: a conversation in the terminal, with one checkpoint or several at once. */
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { Turn } from '../../src-shared/records/turn'
import type { SamplingSettings } from '../../src-shared/sampling'
import type { WarmProcess } from '../processes/warm-process'
import { printable } from './printable'
import type { Terminal } from './terminal'

export interface Chatting {
  readonly warm: Pick<WarmProcess, 'write'>
  readonly checkpoints: readonly Pick<Checkpoint, 'id' | 'name'>[]
  readonly system: string
  readonly sampling: SamplingSettings
  /** A line that the person types; undefined at the end of input. */
  readonly ask: () => Promise<string | undefined>
  /** Work that Ctrl C stops: what was written until then stays in the conversation. */
  readonly stoppable: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>
  readonly out: { write(text: string): unknown }
}

/** One exchange, as each checkpoint had it. */
interface Exchange {
  readonly said: string
  /** In the order of the checkpoints. */
  readonly replies: readonly string[]
}

interface Talk {
  system: string
  readonly exchanges: Exchange[]
  /** Replies so far, other draws of one turn too: each has a seed of its own. */
  draws: number
}

const help =
  'Type and press Enter. /retry writes the last reply again, /undo takes back the last turn, /new begins anew, ' +
  '/system TEXT says how to answer, /quit ends.'

type Command = (chatting: Chatting, talk: Talk, rest: string) => Promise<void> | void

const commands: Readonly<Record<string, Command>> = {
  '/retry': async (chatting, talk) => {
    const last = talk.exchanges.pop()
    if (last) await exchange(chatting, talk, last.said)
  },
  '/undo': (_, talk) => {
    talk.exchanges.pop()
  },
  '/new': (_, talk) => {
    talk.exchanges.length = 0
  },
  '/system': (_, talk, rest) => {
    talk.system = rest
  },
}

export async function chatCommand(chatting: Chatting, terminal: Terminal): Promise<void> {
  const talk: Talk = { system: chatting.system, exchanges: [], draws: 0 }
  terminal.note(help)
  for (;;) {
    const typed = (await chatting.ask())?.trim()
    if (typed === undefined || typed === '/quit') break
    const name = typed.split(/\s/, 1)[0] ?? ''
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (command) await command(chatting, talk, typed.slice(name.length).trim())
    else if (/^\/\w+$/.test(name)) terminal.note(`There is no ${name}. ${help}`)
    else if (typed !== '') await exchange(chatting, talk, typed)
  }
  if (terminal.isJson) terminal.result({ system: talk.system, exchanges: talk.exchanges }, () => '')
}

/** Every checkpoint goes on from its own conversation. */
async function exchange(chatting: Chatting, talk: Talk, said: string): Promise<void> {
  const { checkpoints, sampling } = chatting
  const seed = (sampling.seed + talk.draws++) >>> 0
  const replies: string[] = []
  for (const [index, checkpoint] of checkpoints.entries()) {
    const request = {
      checkpointId: checkpoint.id,
      prompts: [{ turns: turnsOf(talk, index, said) }],
      sampling: { ...sampling, seed },
    }
    replies.push(await chatting.stoppable((signal) => shown(chatting, checkpoint.name, request, signal)))
  }
  talk.exchanges.push({ said, replies })
}

function turnsOf({ system, exchanges }: Talk, index: number, said: string): readonly Turn[] {
  return [
    ...(system === '' ? [] : [{ role: 'system', content: system }]),
    ...exchanges.flatMap((each): Turn[] => [
      { role: 'user', content: each.said },
      { role: 'assistant', content: each.replies[index] ?? '' },
    ]),
    { role: 'user', content: said },
  ]
}

async function shown(
  { warm, checkpoints, out }: Chatting,
  name: string,
  request: Parameters<Chatting['warm']['write']>[0],
  signal: AbortSignal,
): Promise<string> {
  let text = ''
  let isCut = true
  if (checkpoints.length > 1) out.write(`${printable(name)}: `)
  for await (const piece of warm.write(request, signal)) {
    text += piece.text
    out.write(printable(piece.text))
    isCut = piece.ended !== 'end' && piece.ended !== 'stop'
  }
  out.write(isCut ? ' …\n' : '\n')
  return text
}
