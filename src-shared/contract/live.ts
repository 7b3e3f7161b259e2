/** What is asked of runs that ask people while they train. */
import { z } from 'zod'
import type { LiveAsking } from '../records/live'
import { highestRating } from '../rewards/person'
import { annotator, id } from '../launch-schema'
import { call } from './row'

export const liveCalls = {
  /** What a run that waits asks a person, answered or not. */
  'live.questions': call({ runId: id }).returns<LiveAsking>(),
  'live.answer': call({
    runId: id,
    questionId: id,
    answer: z.number().int().min(-1).max(highestRating),
    annotator: annotator.optional(),
  }).returns<LiveAsking>(),
  /** Takes back the newest answer of the rollout that waits. */
  'live.undo': call({ runId: id, annotator: annotator.optional() }).returns<LiveAsking>(),
}
