/** What a person's own function says of a completion. It is called in a thread that has nothing else in it. */
import { sameness } from '../../src-shared/prompts'
import { rule } from '../../src-shared/rewards/rule'
import { textOf } from '../../src-shared/turn-texts'
import { rewardRow, type References, type ScoredText } from './reward'
import { startRule, type RuleThread } from './rule-thread'

/** A thread of Node with QuickJS in it, by measurement. */
const THREAD_BYTES = 60 * 2 ** 20

export const ruleSource = rewardRow(rule, {
  workspaceBytes: THREAD_BYTES,
  open({ settings: { code }, references }) {
    let thread: RuleThread | undefined
    return async (texts) => {
      thread ??= startRule(code)
      try {
        return await scoresOf(thread, texts, references)
      } catch (error) {
        thread.stop()
        thread = undefined
        throw error
      }
    }
  },
  async tryOut({ settings: { code }, references }, texts) {
    const thread = startRule(code)
    try {
      await scoresOf(thread, texts, references)
      return undefined
    } catch (error) {
      return (error as Error).message
    } finally {
      thread.stop()
    }
  },
})

/** @throws Error in words, with the place in the rule and the completion at which it went wrong */
async function scoresOf(
  thread: RuleThread,
  texts: readonly ScoredText[],
  references: References = new Map(),
): Promise<readonly number[]> {
  const scores: number[] = []
  for (const { prompt, completion, hasEnded } of texts) {
    const answer = await thread.ask({
      prompt: textOf(prompt),
      completion,
      hasEnded,
      references: references.get(sameness(prompt)) ?? [],
    })
    if ('problem' in answer) throw new Error(problemOf(answer, completion))
    scores.push(answer.score)
  }
  return scores
}

interface RuleProblem {
  readonly problem: string
  readonly line?: number
  readonly column?: number
  readonly isOfCompletion: boolean
}

function problemOf({ problem, line, column, isOfCompletion }: RuleProblem, completion: string): string {
  const where = line === undefined ? 'the rule' : `line ${line}, column ${column} of the rule`
  return `${where} ${problem}${isOfCompletion ? `, for the completion “${completion.slice(0, 80)}”` : ''}`
}
