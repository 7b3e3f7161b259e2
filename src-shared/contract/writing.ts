/** What is asked of texts that checkpoints write: samples and chat. */
import { z } from 'zod'
import type { ChatPiece } from '../records/chat'
import type { Comparison } from '../records/comparison'
import { weightFormats, type GeneratedPiece } from '../records/sample'
import { chatShape, said } from '../chat-schema'
import { id } from '../launch-schema'
import { promptSchema } from '../prompt-schema'
import { samplingSchema } from '../sampling'
import { call, stream } from './row'

export const writingCalls = {
  /** Two generated samples become a comparison in a queue, sides drawn at random. */
  'samples.compare': call({ queueId: id, leftSampleId: id, rightSampleId: id }).returns<Comparison>(),
  /** Two completions of one conversation become a comparison in a queue, sides drawn at random. */
  'chat.compare': call({ queueId: id, prompt: promptSchema, left: said, right: said }).returns<Comparison>(),
}

export const writingStreams = {
  /**
   * Both sides of one prompt, token by token, from the same seed. With one checkpoint only the left side is
   * written.
   */
  'samples.generate': stream({
    prompt: promptSchema,
    leftCheckpointId: id,
    rightCheckpointId: id.optional(),
    sampling: samplingSchema,
    weights: z.enum(weightFormats).optional(),
    /** Tells each token with its log-probability and the likeliest in its place. */
    withChances: z.boolean().optional(),
  }).of<GeneratedPiece>(),
  /** One checkpoint goes on from a conversation, or from what it began to say; nothing of it is stored. */
  'chat.write': stream(chatShape).of<ChatPiece>(),
}
