/** What is asked of label queues. */
import { z } from 'zod'
import { verdicts } from '../records/judgment'
import { judgmentFormats, labellingSchema, type JudgmentFile } from '../records/labelling'
import type { LabelAgreement } from '../records/agreement'
import type { Comparison, Judged, LabelProgress, LabelQueue } from '../records/comparison'
import { annotator, id, name } from '../launch-schema'
import { samplingSchema } from '../sampling'
import { call, stream } from './row'

export const labelsCalls = {
  'labels.queues': call({}).returns<readonly LabelQueue[]>(),
  'labels.create': call({
    name,
    checkpointId: id,
    promptDatasetId: id,
    sampling: samplingSchema,
    goal: z.number().int().min(1).max(1_000_000),
    guidance: z.string().max(2000),
    /** Plain pairs unless it says otherwise. */
    labelling: labellingSchema.optional(),
  }).returns<LabelQueue>(),
  /** What counts here, said anew. */
  'labels.guide': call({ queueId: id, guidance: z.string().max(2000) }).returns<LabelQueue>(),
  'labels.agreement': call({ queueId: id }).returns<LabelAgreement>(),
  /** All judgments that count, as a file's text: a JSON object a line. */
  'labels.export': call({ queueId: id, format: z.enum(judgmentFormats) }).returns<JudgmentFile>(),
  /** Raises the queue's goal: more comparisons are written for it. */
  'labels.more': call({ queueId: id, count: z.number().int().min(1).max(1000) }).returns<LabelProgress>(),
  /** The oldest comparisons without a verdict, at most `count`, except those the page already holds. */
  'labels.next': call({
    queueId: id,
    count: z.number().int().min(1).max(8),
    holding: z.array(id).max(8),
    annotator: annotator.optional(),
  }).returns<readonly Comparison[]>(),
  /** Answers with how the queue stands now, and the next comparison to hold besides those already held. */
  'labels.judge': call({
    comparisonId: id,
    verdict: z.enum([...verdicts, 'answer']),
    margin: z.enum(['better', 'slightly']).optional(),
    /** With the verdict `answer`, in the form of the queue's mode. */
    answer: z.unknown().optional(),
    annotator: annotator.optional(),
    holding: z.array(id).max(8),
  }).returns<Judged>(),
  /** Takes back one's own newest verdict of the queue and answers with its comparison. */
  'labels.undo': call({ queueId: id, annotator: annotator.optional() }).returns<{
    readonly comparison?: Comparison
    readonly progress: LabelProgress
  }>(),
}

export const labelsStreams = {
  /** How the queue stands, again whenever that changes by other than the asker's own verdicts. */
  'labels.watch': stream({ queueId: id }).of<LabelProgress>(),
}
