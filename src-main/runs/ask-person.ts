/**
 * A run's end of asking a person: the questions are said once, and the registry is looked at until all are answered.
 * The answers are there and nowhere else, so that a run that is stopped, killed or resumed finds those that were given.
 */
import { setTimeout as rest } from 'node:timers/promises'
import type { RunEvent } from '../processes/messages'
import type { AskPerson } from '../rewards/reward'
import type { ReadableDb } from '../store/handle'
import { liveAnswers } from '../store/live-questions'

/** A person does not notice less. */
const lookEveryMs = 200

export const askPersonOf =
  (db: ReadableDb, runId: string, emit: (event: RunEvent) => void): AskPerson =>
  async (questions, { patienceMs, signal }) => {
    let answers = liveAnswers(db, runId, questions)
    if (answers.includes(undefined)) emit({ kind: 'asked', questions, atMs: Date.now() })
    let newestMs = Date.now()
    while (answers.includes(undefined)) {
      await rest(lookEveryMs, undefined, { signal })
      const now = liveAnswers(db, runId, questions)
      if (countOf(now) !== countOf(answers)) newestMs = Date.now()
      answers = now
      if (Date.now() - newestMs > patienceMs)
        throw new Error(
          `nobody has answered for ${Math.round(patienceMs / 60_000)} minutes. What was answered is kept, and ` +
            'resuming the run asks for the rest',
        )
    }
    return answers as readonly number[]
  }

const countOf = (answers: readonly (number | undefined)[]): number =>
  answers.filter((each) => each !== undefined).length
