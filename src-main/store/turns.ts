/** Prompts and completions as columns: a text to be searched and measured, and its turns, if it is turns. */
import type { ExampleParts } from '../../src-shared/records/example'
import type { Conversation, Prompt } from '../../src-shared/records/turn'
import { isConversation, isTurns, textOf } from '../../src-shared/turn-texts'
import { storedJson } from './stored-json'

type Parts = Pick<ExampleParts, 'prompt' | 'completion' | 'rejected' | 'margin' | 'candidates' | 'steps'>

export interface PartColumns {
  readonly prompt: string | null
  readonly completion: string | null
  readonly rejected: string | null
  readonly turns: string | null
}

/** A margin, candidates and steps stand as JSON beside the turns: nothing is searched or counted by them. */
export function columnsOfParts({ prompt, completion, rejected, ...beside }: Parts): PartColumns {
  const turns: Parts = {
    ...(isConversation(prompt) && { prompt }),
    ...(isTurns(completion) && { completion }),
    ...(isTurns(rejected) && { rejected }),
    ...(beside.margin !== undefined && { margin: beside.margin }),
    ...(beside.candidates !== undefined && { candidates: beside.candidates }),
    ...(beside.steps !== undefined && { steps: beside.steps }),
  }
  return {
    prompt: prompt === undefined ? null : textOf(prompt),
    completion: completion === undefined ? null : textOf(completion),
    rejected: rejected === undefined ? null : textOf(rejected),
    turns: Object.keys(turns).length === 0 ? null : JSON.stringify(turns),
  }
}

/** The parts as they came. */
export const partsInColumns = ({ prompt, completion, rejected, turns }: PartColumns): Parts => ({
  ...(prompt !== null && { prompt }),
  ...(completion !== null && { completion }),
  ...(rejected !== null && { rejected }),
  ...storedJson<Parts>(turns),
})

/** What a prompt says, and its turns as JSON. */
export const columnsOfPrompt = (prompt: Prompt): readonly [text: string, turns: string | null] => [
  textOf(prompt),
  isConversation(prompt) ? JSON.stringify(prompt) : null,
]

export const promptInColumns = (text: string, turns: string | null): Prompt =>
  storedJson<Conversation>(turns) ?? text
