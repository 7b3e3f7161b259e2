/** Two completions of one prompt, one preferred, as texts or as turns. */
import type { ExampleParts } from '../../../src-shared/records/example'
import type { Completion, Turn } from '../../../src-shared/records/turn'
import { LeftOut } from '../refuse'
import type { Values } from './columns'
import { conversationOf, hasBeside, promptTurns, type BesideColumns } from './conversation-columns'
import type { PromptSaid } from './prompt-column'
import { answerTurns, commonTurns, whole } from './sides'

export type Pair = Required<Pick<ExampleParts, 'prompt' | 'completion' | 'rejected'>>

/** @param prompt empty where the row has none. @throws RowProblem, when they part before anyone answers */
export function pairAfter(
  { said: prompt, isTranscript }: PromptSaid,
  sides: readonly [chosen: Completion, rejected: Completion],
  values: Values,
  columns: BesideColumns,
): Pair {
  const [chosen, rejected] = sides
  const isText = (said: Completion): said is string => typeof said === 'string'
  if (isText(prompt) && isText(chosen) && isText(rejected) && !hasBeside(values, columns))
    return { prompt, completion: chosen, rejected }
  if (sides.some(({ length }) => length === 0)) throw new LeftOut('has an answer that says nothing')
  const asked = promptTurns(prompt)
  const [one, other] = sides.map((side) => whole(asked, answerTurns(side, isTranscript)))
  return splitPair(one ?? [], other ?? [], (turns) => conversationOf(turns, values, columns))
}

function splitPair(
  chosen: readonly Turn[],
  rejected: readonly Turn[],
  conversation: (before: readonly Turn[]) => Pair['prompt'],
): Pair {
  const common = commonTurns(chosen, rejected)
  return {
    prompt: conversation(chosen.slice(0, common)),
    completion: chosen.slice(common),
    rejected: rejected.slice(common),
  }
}
