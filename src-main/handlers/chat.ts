/** Conversations with checkpoints, and serving these to other programs. */
import type { ComparisonSide } from '../../src-shared/records/comparison'
import { StudioFailure } from '../../src-shared/result'
import type { Handlers } from '../border/serve'
import { checkpointOf } from '../store/checkpoints'
import { queueOf } from '../store/queues'
import type { StudioParts } from './studio-parts'

type Names = 'chat.compare' | 'serving.state' | 'serving.start' | 'serving.stop'

export const chatCalls = ({ db, labels, serving }: StudioParts): Pick<Handlers['calls'], Names> => ({
  'chat.compare': ({ queueId, prompt, left, right }) => {
    queueOf(db, queueId)
    if (left.text === right.text)
      refuse('right', 'says the same as the left completion: there is nothing to judge')
    return labels.compare(queueId, prompt, [sideOf(left), sideOf(right)])
  },
  'serving.state': () => serving.state(),
  'serving.start': () => serving.start(),
  'serving.stop': () => serving.stop(),
})

export const chatStreams = ({ db, warm }: StudioParts): Pick<Handlers['streams'], 'chat.write'> => ({
  async *'chat.write'({ checkpointId, prompt, begun, sampling, weights }, signal) {
    checkpointOf(db, checkpointId)
    if (sampling.bestOf !== undefined) refuse('bestOf', 'is for Compare: a chat shows each word as it comes')
    const request = {
      checkpointId,
      prompts: [prompt],
      sampling,
      ...(begun !== undefined && { begun }),
      ...(weights && { weights }),
    }
    for await (const { text, tokens, promptTokens, ended } of warm.write(request, signal))
      yield { text, tokens, promptTokens, ...(ended && { ended }) }
  },
})

interface Said extends Omit<ComparisonSide, 'writer'> {
  readonly checkpointId: string
  readonly sampling: NonNullable<NonNullable<ComparisonSide['writer']>['sampling']>
}

const sideOf = ({ text, tokens, hasEnded, checkpointId, sampling }: Said): ComparisonSide => ({
  text,
  tokens,
  hasEnded,
  writer: { checkpointId, sampling },
})

function refuse(field: string, problem: string): never {
  throw new StudioFailure({ kind: 'invalid-input', field, problem })
}
