/**
 * A text as a tokenizer cuts it: a checkpoint's of any kind, or one of all characters of the dataset itself.
 */
import type { CallInput } from '../../src-shared/contract'
import type { Token, TokenView } from '../../src-shared/records/example'
import type { SurveyDataset } from './survey'
import { characterTokenizer, UnknownCharacterError } from '../model/tokenizers/character'
import type { Tokenizer } from '../model/model'
import { readModelHeader } from '../model/model-header'
import type { Parsed } from '../border/read-input'
import { filesOfCheckpoint } from '../store/checkpoints'
import type { ReadableDb } from '../store/handle'

/** Stands for a character that the tokenizer does not know: it has no id. */
const noId = -1

/** @throws StudioFailure not-found, or refused-file when the checkpoint's file is gone */
export async function tokensOf(
  db: ReadableDb,
  survey: SurveyDataset,
  { text, datasetId, checkpointId }: Parsed<CallInput<'datasets.tokens'>>,
): Promise<TokenView> {
  const tokenizer =
    checkpointId === undefined
      ? await tokenizerOfDataset(survey, datasetId)
      : (await readModelHeader(filesOfCheckpoint(db, checkpointId).path)).tokenizer
  const unknown = [...new Set(text)].filter((character) => !tokenizer.knows(character))
  return {
    tokenizer: tokenizer.name,
    vocabulary: tokenizer.vocabulary,
    tokens: cut(tokenizer, text),
    unknown,
  }
}

async function tokenizerOfDataset(survey: SurveyDataset, datasetId: string): Promise<Tokenizer> {
  const { characters } = await survey(datasetId)
  const all = new Set(Object.values(characters).flatMap((part) => [...part.keys()]))
  return characterTokenizer({
    type: 'character',
    characters: [...all].sort((a, b) => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0)),
  })
}

/** Whole when it can be; around the characters that cannot be encoded when there are any. */
function cut(tokenizer: Tokenizer, text: string): readonly Token[] {
  return (
    encoded(tokenizer, text) ??
    [...text].flatMap((character) => encoded(tokenizer, character) ?? [{ id: noId, text: character }])
  )
}

function encoded(tokenizer: Tokenizer, text: string): readonly Token[] | undefined {
  try {
    return Array.from(tokenizer.encode(text), (id) => ({ id, text: tokenizer.textOf(id) }))
  } catch (error) {
    if (error instanceof UnknownCharacterError) return undefined
    throw error
  }
}
