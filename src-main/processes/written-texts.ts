/** Several completions of one checkpoint as they come, told token by token where that is asked for. */
import type { Tokenizer } from '../model/tokenizers/tokenizer'
import type { DrawnChance } from '../model/writing/chances'
import type { DrawnToken } from '../model/writing/generation'
import type { ToldToken, WritePiece, WriteRequest } from './contract'
import type { Gathering } from './gathered'
import type { WriterShelf } from './writer-shelf'

export const byPlace: Gathering<WritePiece> = {
  textOf: ({ index }) => index,
  isLast: ({ ended }) => ended !== undefined,
  join: (earlier, later) => ({
    ...later,
    text: earlier.text + later.text,
    ...(earlier.told && { told: [...earlier.told, ...(later.told ?? [])] }),
  }),
}

export async function* writtenTexts(
  { checkpointId, prompts, begun, sampling, topChances, weights }: WriteRequest,
  writers: WriterShelf,
  signal: AbortSignal,
): AsyncGenerator<WritePiece> {
  const { writer, tokenizer, putBack } = await writers.take(checkpointId, weights)
  const texts = prompts.map(() => ({ tokens: 0, waiting: [] as ToldToken[] }))
  try {
    const drawn = writer.streamAll(prompts, sampling, {
      ...(begun !== undefined && { begun }),
      ...(topChances !== undefined && { topChances }),
      signal,
    })
    for await (const token of drawn) yield pieceOf(token, texts[token.index]!, tokenizer)
  } finally {
    putBack()
  }
}

interface TextSoFar {
  tokens: number
  /** Told tokens whose text is not shown yet: it may be of a stop text. */
  waiting: ToldToken[]
}

function pieceOf(token: DrawnToken, text: TextSoFar, tokenizer: Tokenizer): WritePiece {
  const { index, ended, chance, promptTokens } = token
  if (ended !== 'end') text.tokens++
  if (chance && ended !== 'end') text.waiting.push(toldToken(tokenizer, chance))
  const isShown = token.text !== '' || (ended !== undefined && ended !== 'stop')
  const told = isShown ? text.waiting.splice(0) : []
  return {
    index,
    text: token.text,
    tokens: text.tokens,
    promptTokens,
    ...(told.length > 0 && { told }),
    ...(ended && { ended }),
  }
}

const toldToken = (tokenizer: Tokenizer, { id, logProb, top }: DrawnChance): ToldToken => ({
  text: tokenizer.textOf(id),
  logProb,
  top: top.map((each) => ({ text: tokenizer.textOf(each.id), logProb: each.logProb })),
})
