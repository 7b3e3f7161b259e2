/** Samples: completions written for people to look at. */
import type { ComparisonSide } from '../../src-shared/records/comparison'
import { sameness } from '../../src-shared/prompts'
import type { GeneratedPiece, Sample } from '../../src-shared/records/sample'
import { StudioFailure } from '../../src-shared/result'
import type { Handlers } from '../border/serve'
import { checkpointOf } from '../store/checkpoints'
import type { ReadableDb } from '../store/handle'
import { queueOf } from '../store/queues'
import { findSample, insertSamples } from '../store/samples'
import type { StudioParts } from './studio-parts'

export const sampleCalls = ({ db, labels }: StudioParts): Pick<Handlers['calls'], 'samples.compare'> => ({
  'samples.compare': ({ queueId, leftSampleId, rightSampleId }) => {
    queueOf(db, queueId)
    const left = sampleAt(db, 'leftSampleId', leftSampleId)
    const right = sampleAt(db, 'rightSampleId', rightSampleId)
    if (sameness(left.prompt) !== sameness(right.prompt))
      refuse('rightSampleId', 'completes another prompt than the left sample')
    if (left.completion === right.completion)
      refuse('rightSampleId', 'says the same as the left sample: there is nothing to judge')
    return labels.compare(queueId, left.prompt, [sideOf(left), sideOf(right)])
  },
})

export const sampleStreams = ({ db, warm }: StudioParts): Pick<Handlers['streams'], 'samples.generate'> => ({
  async *'samples.generate'(request, signal): AsyncGenerator<GeneratedPiece> {
    const checkpoints = {
      left: checkpointOf(db, request.leftCheckpointId),
      right: checkpointOf(db, request.rightCheckpointId ?? request.leftCheckpointId),
    }
    for await (const { side, text, tokens, told, end } of warm.stream(request, signal)) {
      const { id: checkpointId, step } = checkpoints[side]
      const stored = end
        ? insertSamples(db, [
            {
              checkpointId,
              step,
              prompt: request.prompt,
              completion: end.text,
              tokens,
              hasEnded: end.hasEnded,
              sampling: request.sampling,
            },
          ])
        : []
      yield {
        side,
        text,
        tokens,
        ...(told && { told }),
        ...(end &&
          stored[0] && {
            end: {
              sampleId: stored[0].id,
              hasEnded: end.hasEnded,
              tokensASecond: end.tokensASecond,
              ...(end.best && { best: end.best }),
            },
          }),
      }
    }
  },
})

function sampleAt(db: ReadableDb, field: string, sampleId: string): Sample {
  return findSample(db, sampleId) ?? refuse(field, 'no longer exists')
}

const sideOf = ({ completion, tokens, hasEnded, checkpointId, sampling }: Sample): ComparisonSide => ({
  text: completion,
  tokens,
  hasEnded,
  ...(checkpointId !== undefined && { writer: { checkpointId, ...(sampling && { sampling }) } }),
})

function refuse(field: string, problem: string): never {
  throw new StudioFailure({ kind: 'invalid-input', field, problem })
}
