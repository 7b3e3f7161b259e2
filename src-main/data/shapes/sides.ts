/**
 * Where prompt and completions part. Each comes as a text or as turns, and completions may be whole conversations
 * that hold the prompt once more; all that is said stays, and nothing twice.
 */
import type { Completion, Turn } from '../../../src-shared/records/turn'
import { sameness } from '../../../src-shared/prompts'
import { RowProblem } from '../refuse'
import { isMessage, messagesIn, turnOf, turnsOf } from './turns'
import { spoken, transcriptTurns } from './transcript'
import { textOfValue } from './cells'
import type { Values } from './columns'
import { isObject } from './json-value'

/** A column's turns, whether it is a list, one message or a transcript; a text otherwise. @throws RowProblem */
export function saidIn(values: Values, name: string): Completion {
  const value = values[name]
  const messages = messagesIn(value)
  if (messages) return turnsOf(messages, name)
  if (isMessage(value)) return [turnOf(value, `"${name}"`)]
  const text = textOfValue(textIn(value) ?? value, name)
  return transcriptTurns(text) ?? text
}

/** What an answer is called in an object that says more of it: its score, its model. */
const textNames = ['text', 'content', 'response', 'answer', 'completion', 'output']

function textIn(value: unknown): string | undefined {
  if (!isObject(value)) return undefined
  return textNames.map((name) => value[name]).find((each) => typeof each === 'string')
}

/** An answer as turns. @param isInTranscript whether the prompt is one, whose answers begin with a space */
export const answerTurns = (said: Completion, isInTranscript = false): readonly Turn[] =>
  typeof said === 'string' ? [{ role: 'assistant', content: isInTranscript ? spoken(said) : said }] : said

/** Prompt and answer as one conversation, whether the answer holds the prompt once more or goes on after it. */
export function whole(prompt: readonly Turn[], answer: readonly Turn[]): readonly Turn[] {
  const [first] = answer
  if (first?.role === 'assistant' || first?.role === 'tool') return [...prompt, ...answer]
  const missing = prompt.findIndex((_, from) => beginsWith(answer, prompt.slice(from)))
  return missing < 0 ? answer : [...prompt.slice(0, missing), ...answer]
}

const beginsWith = (turns: readonly Turn[], beginning: readonly Turn[]): boolean =>
  beginning.every((turn, index) => isSame(turn, turns[index]))

/** How many turns two conversations have in common before the assistant turn in which they part. @throws RowProblem */
export function commonTurns(chosen: readonly Turn[], rejected: readonly Turn[]): number {
  let common = 0
  while (common < Math.min(chosen.length, rejected.length) && isSame(chosen[common]!, rejected[common]))
    common++
  while (common > 0 && !bothAnswer(common)) common--
  if (bothAnswer(common)) return common
  throw new RowProblem(
    '"chosen" and "rejected" part before an assistant turn: they do not continue the same prompt',
  )

  function bothAnswer(index: number): boolean {
    return chosen[index]?.role === 'assistant' && rejected[index]?.role === 'assistant'
  }
}

const isSame = (one: Turn, other: Turn | undefined): boolean =>
  other !== undefined && sameness({ turns: [one] }) === sameness({ turns: [other] })
