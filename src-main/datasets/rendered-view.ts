/** An example as a model reads it: put together by its template, in ids, with those that are learned. */
import type { CallInput } from '../../src-shared/contract'
import type { RenderedView } from '../../src-shared/records/example'
import { StudioFailure } from '../../src-shared/result'
import type { Parsed } from '../border/read-input'
import { readModelHeader } from '../model/model-header'
import { promptIdsOf, renderedExample, type Rendered } from '../model/rendering'
import type { Tokenizer } from '../model/tokenizers/tokenizer'
import { filesOfCheckpoint } from '../store/checkpoints'
import { exampleOf } from '../store/examples'
import type { ReadableDb } from '../store/handle'

/** More nobody looks at one by one. */
const tokensShown = 4000

/**
 * @throws StudioFailure not-found; invalid-input, when the example has no such part
 * @throws RenderingError, UnknownCharacterError when the model cannot read it
 */
export async function renderedView(
  db: ReadableDb,
  { exampleId, checkpointId, part }: Parsed<CallInput<'datasets.rendered'>>,
): Promise<RenderedView> {
  const { tokenizer, config } = await readModelHeader(filesOfCheckpoint(db, checkpointId).path)
  const { prompt = '', [part]: said } = exampleOf(db, exampleId)
  if (said === undefined && part === 'rejected')
    throw new StudioFailure({
      kind: 'invalid-input',
      field: 'part',
      problem: 'is not there: nothing was rejected',
    })
  const rendered =
    said === undefined ? promptAlone(tokenizer, prompt) : renderedExample(tokenizer, prompt, said)
  const { ids, promptTokens, spoken } = rendered
  const learned = spoken.filter(({ from }) => from >= promptTokens)
  const isLearned = (place: number): boolean => learned.some(({ from, to }) => place >= from && place < to)
  return {
    tokenizer: tokenizer.name,
    hasTemplate: tokenizer.chat !== undefined,
    contextTokens: config.contextTokens,
    promptTokens,
    learnedTokens: learned.reduce((sum, { from, to }) => sum + to - from, 0),
    count: ids.length,
    tokens: Array.from(ids.subarray(0, tokensShown), (id, place) => ({
      id,
      text: tokenizer.textOf(id),
      isLearned: isLearned(place),
    })),
  }
}

function promptAlone(tokenizer: Tokenizer, prompt: Parameters<typeof promptIdsOf>[1]): Rendered {
  const ids = promptIdsOf(tokenizer, prompt)
  return { ids, promptTokens: ids.length, spoken: [] }
}
