/** A run that waits for a person, in the terminal: one question after the other, a digit or a letter each. */
import { textOf } from '../../src-shared/turn-texts'
import type { LiveAsking, LiveQuestion } from '../../src-shared/records/live'
import type { Run } from '../../src-shared/records/run'
import type { Api } from '../../src-shared/wire'
import type { AskLine } from './surroundings'
import { valueOf, type Terminal } from './terminal'

export interface LiveAsker {
  /** Asks while the run waits; once it does not, nothing. */
  follow(run: Run): void
  /** Leaves the question that is open. */
  end(): void
}

/** @param ask undefined where nobody can be asked: with --json */
export function liveAsker(api: Api, terminal: Terminal, ask: AskLine | undefined): LiveAsker {
  const ended = new AbortController()
  let isAsking = false
  return {
    follow: ({ id, waits }) => {
      if (!waits || isAsking || terminal.isJson) return
      isAsking = true
      if (ask)
        void askAll(api, terminal, ask, { runId: id, signal: ended.signal }).finally(() => {
          isAsking = false
        })
      else terminal.note(waitsText(waits))
    },
    end: () => ended.abort(),
  }
}

const waitsText = ({ given, of }: NonNullable<Run['waits']>): string =>
  `The run waits for you: ${given} of ${of} answered. Answer in the studio’s Label room.`

interface Open {
  readonly runId: string
  readonly signal: AbortSignal
}

async function askAll(api: Api, terminal: Terminal, ask: AskLine, { runId, signal }: Open): Promise<void> {
  let asking = valueOf(await api.call('live.questions', { runId }))
  terminal.note(
    `The run waits for you. ${asking.guidance === '' ? '' : `${asking.guidance} `}Z takes the last answer back.`,
  )
  for (let next = openIn(asking); next && !signal.aborted; next = openIn(asking)) {
    const line = await ask(questionText(next, asking), signal)
    if (line === undefined) return
    const answer = answerIn(next, line)
    if (/^\s*z\s*$/i.test(line)) asking = valueOf(await api.call('live.undo', { runId }))
    else if (answer === undefined) terminal.note(`“${line.trim()}” is none of these: ${wanted[next.how]}.`)
    else asking = valueOf(await api.call('live.answer', { runId, questionId: next.id, answer }))
  }
}

const openIn = ({ questions }: LiveAsking): LiveQuestion | undefined =>
  questions.find(({ answer }) => answer === undefined)

const wanted = { rate: '1 very bad … 5 very good', compare: 'A, B or T for a tie' } as const

function questionText(question: LiveQuestion, { questions }: LiveAsking): string {
  const { how, prompt, completions } = question
  const shown =
    how === 'rate' ? completions : completions.map((completion, index) => `${'AB'[index]}: ${completion}`)
  return [
    '',
    `${questions.indexOf(question) + 1} of ${questions.length}`,
    ...(textOf(prompt) === '' ? [] : [`Prompt: ${textOf(prompt)}`]),
    ...shown,
    `${wanted[how]}? `,
  ].join('\n')
}

const verdicts: Readonly<Record<string, number>> = { a: 1, b: -1, t: 0 }

function answerIn({ how }: LiveQuestion, line: string): number | undefined {
  const said = line.trim().toLowerCase()
  if (how === 'compare') return Object.hasOwn(verdicts, said) ? verdicts[said] : undefined
  return /^[1-5]$/.test(said) ? Number(said) : undefined
}
