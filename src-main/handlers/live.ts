/** Runs that wait for a person: what they ask, and the answers. */
import { person } from '../../src-shared/rewards/person'
import { writtenTerms } from '../../src-shared/rewards/terms'
import type { LiveAsking } from '../../src-shared/records/live'
import type { Handlers } from '../border/serve'
import { publishUpdate } from '../changes/studio-changes'
import type { ReadableDb } from '../store/handle'
import { answerLive, liveQuestions, undoLive } from '../store/live-questions'
import { runOf } from '../store/runs'
import type { StudioParts } from './studio-parts'

export const liveCalls = ({
  db,
  changes,
  now,
}: StudioParts): Pick<Handlers['calls'], 'live.questions' | 'live.answer' | 'live.undo'> => {
  const answered = (runId: string): LiveAsking => {
    publishUpdate(changes, runId, { run: runOf(db, runId) })
    return askingOf(db, runId)
  }
  return {
    'live.questions': ({ runId }) => askingOf(db, runId),
    'live.answer': ({ runId, ...answer }) => {
      answerLive(db, runId, answer, now())
      return answered(runId)
    },
    'live.undo': ({ runId, annotator }) => {
      undoLive(db, runId, annotator, now())
      return answered(runId)
    },
  }
}

function askingOf(db: ReadableDb, runId: string): LiveAsking {
  const terms = writtenTerms(String(runOf(db, runId).settings['rewards'] ?? '')) ?? []
  const { guidance = person.fields.guidance.default } =
    terms.find(({ source }) => source === 'person')?.settings ?? {}
  return { runId, guidance: String(guidance), questions: liveQuestions(db, runId) }
}
