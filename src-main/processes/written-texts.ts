/** Several completions of one checkpoint as they come, told token by token where that is asked for. */
import type { Tokenizer } from '../model/tokenizers/tokenizer'
import type { DrawnChance } from '../model/writing/chances'
import type { DrawnToken } from '../model/writing/generation'
import type { ToldToken } from '../../src-shared/records/sample'
import type { WritePiece, WriteRequest } from './contract'
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
  const texts = prompts.map(() => ({ tokens: 0, telling: tellingTokens(tokenizer) }))
  try {
    const drawn = writer.streamAll(prompts, sampling, {
      ...(begun !== undefined && { begun }),
      ...(topChances !== undefined && { topChances }),
      signal,
    })
    for await (const token of drawn) yield pieceOf(token, texts[token.index]!)
  } finally {
    putBack()
  }
}

interface TextSoFar {
  tokens: number
  readonly telling: (token: DrawnToken) => Told
}

function pieceOf(token: DrawnToken, text: TextSoFar): WritePiece {
  const { index, ended, promptTokens } = token
  if (ended !== 'end') text.tokens++
  return {
    index,
    text: token.text,
    tokens: text.tokens,
    promptTokens,
    ...text.telling(token),
    ...(ended && { ended }),
  }
}

type Told = { readonly told?: readonly ToldToken[] }

/** Of one text: tokens are told when their text is shown, for until then it may be of a stop text. */
export function tellingTokens(tokenizer: Tokenizer): (token: DrawnToken) => Told {
  const waiting: ToldToken[] = []
  return ({ text, ended, chance }) => {
    if (chance && ended !== 'end') waiting.push(toldToken(tokenizer, chance))
    const isShown = text !== '' || (ended !== undefined && ended !== 'stop')
    const told = isShown ? waiting.splice(0) : []
    return told.length > 0 ? { told } : {}
  }
}

const toldToken = (tokenizer: Tokenizer, { id, logProb, top }: DrawnChance): ToldToken => ({
  text: tokenizer.textOf(id),
  logProb,
  top: top.map((each) => ({ text: tokenizer.textOf(each.id), logProb: each.logProb })),
})
