/** One prompt completed by two checkpoints at once, or by one alone. */
import type { Tokenizer } from '../model/tokenizers/tokenizer'
import type { TextWriter } from '../model/writing/generation'
import { bestWritten, type Picking } from './best-written'
import type { StreamedPiece, StreamRequest } from './contract'
import type { Gathering } from './gathered'
import type { ScoreTexts } from './text-scorer'
import type { TakenWriter, WriterShelf } from './writer-shelf'
import { tellingTokens } from './written-texts'

/** Of each token that is written, so many of the likeliest in its place are told. */
const likeliestTold = 5

export const bySide: Gathering<StreamedPiece> = {
  textOf: ({ side }) => side,
  isLast: ({ end }) => end !== undefined,
  join: (earlier, later) => ({
    ...later,
    text: earlier.text + later.text,
    ...((earlier.told ?? later.told) && { told: [...(earlier.told ?? []), ...(later.told ?? [])] }),
  }),
}

/** One token left, one right, until both have ended. */
export async function* bothSides(
  { prompt, leftCheckpointId, rightCheckpointId, sampling, weights, withChances = false }: StreamRequest,
  { writers, score }: { readonly writers: WriterShelf; readonly score: ScoreTexts },
  signal: AbortSignal,
): AsyncGenerator<StreamedPiece> {
  const taken: TakenWriter[] = []
  try {
    for (const checkpointId of rightCheckpointId === undefined
      ? [leftCheckpointId]
      : [leftCheckpointId, rightCheckpointId])
      taken.push(await writers.take(checkpointId, weights))
    let writing = taken.map(({ writer, tokenizer }, index) =>
      (sampling.bestOf === undefined ? sideOf : bestSideOf)(
        index === 0 ? 'left' : 'right',
        { writer, tokenizer, score },
        { prompt, sampling, withChances },
        signal,
      ),
    )
    while (writing.length > 0) {
      const still: typeof writing = []
      for (const side of writing) {
        const next = await side.next()
        if (next.done) continue
        yield next.value
        still.push(side)
      }
      writing = still
    }
  } finally {
    for (const { putBack } of taken) putBack()
  }
}

type Asked = Pick<StreamRequest, 'prompt' | 'sampling' | 'withChances'>

/** The best of several comes at once: which it is, is known when all are written. */
async function* bestSideOf(
  side: 'left' | 'right',
  picking: Picking,
  { prompt, sampling }: Asked,
  signal: AbortSignal,
): AsyncGenerator<StreamedPiece> {
  yield { side, text: '', tokens: 0 }
  const startMs = performance.now()
  const [found] = await bestWritten(picking, [prompt], sampling, signal)
  if (!found) return
  const { writtenTokens, ...end } = found
  const tokensASecond = (writtenTokens * 1000) / Math.max(1, performance.now() - startMs)
  yield { side, text: end.text, tokens: end.tokens, end: { ...end, tokensASecond } }
}

async function* sideOf(
  side: 'left' | 'right',
  { writer, tokenizer }: { readonly writer: TextWriter; readonly tokenizer: Tokenizer },
  { prompt, sampling, withChances }: Asked,
  signal: AbortSignal,
): AsyncGenerator<StreamedPiece> {
  let text = ''
  let tokens = 0
  let hasEnded = false
  let workedMs = 0
  const telling = tellingTokens(tokenizer)
  const stream = writer.streamAll([prompt], sampling, {
    ...(withChances && { topChances: likeliestTold }),
    signal,
  })
  for (;;) {
    const startMs = performance.now()
    const next = await stream.next()
    workedMs += performance.now() - startMs
    if (next.done) break
    hasEnded = next.value.hasEnded
    text += next.value.text
    if (!hasEnded) tokens++
    const told = telling(next.value)
    if (!hasEnded || next.value.text !== '') yield { side, text: next.value.text, tokens, ...told }
  }
  yield {
    side,
    text: '',
    tokens,
    end: { text, tokens, hasEnded, tokensASecond: (tokens * 1000) / Math.max(1, workedMs) },
  }
}
