/** One request's way: what the warm process writes, put into one answer or into events as it comes. */
import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { WritePiece, WriteRequest } from '../processes/contract'
import type { Asked, Choice, Kind } from './asked'
import { eventStream, type EventStream } from './event-stream'

export type WriteTexts = (request: WriteRequest, signal: AbortSignal) => AsyncIterable<WritePiece>

export interface Answering {
  readonly kind: Kind
  readonly asked: Asked
  readonly write: WriteTexts
  readonly atMs: number
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal
}

/** What every answer and every event of one request begins with. */
const headOf = ({ kind, asked, atMs }: Answering): object => ({
  id: `${kind.idPrefix}${randomBytes(12).toString('hex')}`,
  created: Math.floor(atMs / 1000),
  model: asked.model,
  system_fingerprint: `fp_${asked.write.checkpointId}`,
})

/** @throws StudioFailure, Refusal before anything is sent */
export async function wholeAnswer(answering: Answering): Promise<object> {
  const { kind, asked, write, signal } = answering
  const choices: Choice[] = []
  for await (const { ended, ...piece } of write(asked.write, signal)) {
    const before = choices[piece.index]
    choices[piece.index] = {
      ...piece,
      text: (before?.text ?? '') + piece.text,
      told: [...(before?.told ?? []), ...(piece.told ?? [])],
      ended: ended ?? 'cut',
    }
  }
  return {
    ...headOf(answering),
    object: kind.object,
    choices: choices.map((choice) => ({
      index: choice.index,
      ...kind.whole(choice, asked),
      finish_reason: reasonOf(choice.ended),
    })),
    usage: usageOf(choices, asked),
  }
}

/**
 * Events until all is written. Headers go out with the first of them: what is refused before has a status.
 * @throws StudioFailure, Refusal before anything is sent
 */
export async function streamedAnswer(answering: Answering, response: ServerResponse): Promise<void> {
  const { kind, asked, write, signal } = answering
  const head = { ...headOf(answering), object: kind.chunkObject }
  const pieces = write(asked.write, signal)[Symbol.asyncIterator]()
  let next = await pieces.next()
  const events = eventStream(response, signal)
  const last: WritePiece[] = []
  const send = (choices: readonly object[], usage: object | null = null) =>
    events.send({ ...head, choices, ...(asked.withUsage && { usage }) })

  await events.guarded(async () => {
    for (; !next.done; next = await pieces.next()) {
      const piece = next.value
      if (kind.opening && !last[piece.index])
        await send([{ index: piece.index, ...kind.opening, finish_reason: null }])
      last[piece.index] = piece
      await sendPiece(send, piece, { kind, asked })
    }
    if (asked.withUsage) await send([], usageOf(last, asked))
  })
  end(events)
}

const end = (events: EventStream): void => events.end()

async function sendPiece(
  send: (choices: readonly object[]) => Promise<void>,
  piece: WritePiece,
  { kind, asked }: { readonly kind: Kind; readonly asked: Asked },
): Promise<void> {
  const { index, ended } = piece
  if (piece.text !== '' || piece.told)
    await send([{ index, ...kind.part(piece, asked), finish_reason: null }])
  if (ended) await send([{ index, ...kind.nothing, finish_reason: reasonOf(ended) }])
}

const reasonOf = (ended: Choice['ended']): string => (ended === 'cut' ? 'length' : 'stop')

/** A prompt is counted once, however many completions it gets. */
function usageOf(texts: readonly WritePiece[], { each }: Asked): object {
  const prompt = texts.reduce((sum, { promptTokens }, place) => sum + (place % each ? 0 : promptTokens), 0)
  const completion = texts.reduce((sum, { tokens }) => sum + tokens, 0)
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion }
}
