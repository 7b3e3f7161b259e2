/**
 * How long the rows of a dataset are in the tokens of one model, as it reads them: with its template, and the end
 * token after what is said. Every row is encoded, so it is done in a process of its own.
 */
import type { Example } from '../../src-shared/records/example'
import type { TokenLengths, TokenLengthsProgress } from '../../src-shared/records/token-lengths'
import type { Completion } from '../../src-shared/records/turn'
import { StudioFailure } from '../../src-shared/result'
import { breathe } from '../changes/topic'
import { readModelHeader } from '../model/model-header'
import { promptIdsOf, renderedExample } from '../model/rendering'
import { UnknownCharacterError } from '../model/tokenizers/character'
import { RenderingError } from '../model/tokenizers/rendering-error'
import type { Tokenizer } from '../model/tokenizers/tokenizer'
import { filesOfCheckpoint } from '../store/checkpoints'
import { datasetOf } from '../store/datasets'
import { examplesOf } from '../store/examples'
import type { ReadableDb } from '../store/handle'
import { add, histogramOf, parts, type Part } from '../store/lengths'

export interface TokenLengthsQuestion {
  readonly datasetId: string
  /** Whose tokenizer, template and context. */
  readonly checkpointId: string
}

/** Of long conversations so many take a tenth of a second. */
const rowsAtOnce = 50

type Lengths = Readonly<Partial<Record<Part, number>>> & { readonly longest: number }

/** @throws StudioFailure not-found; refused-file, when the checkpoint's is gone; cancelled */
export async function* tokenLengths(
  db: ReadableDb,
  { datasetId, checkpointId }: TokenLengthsQuestion,
  signal: AbortSignal,
): AsyncGenerator<TokenLengthsProgress> {
  const { rows, excluded = 0 } = datasetOf(db, datasetId)
  const total = rows - excluded
  const { tokenizer, config } = await readModelHeader(filesOfCheckpoint(db, checkpointId).path)
  const counted = counter()
  let read = 0
  for (const example of examplesOf(db, datasetId)) {
    counted.add(example.row, lengthsIn(tokenizer, example))
    if (++read % rowsAtOnce > 0) continue
    await breathe()
    if (signal.aborted) throw new StudioFailure({ kind: 'cancelled' })
    yield { read, total }
  }
  const { contextTokens } = config
  const done = { tokenizer: tokenizer.name, contextTokens, ...counted.result(contextTokens) }
  yield { read, total: read, done }
}

/** The lengths of a row's parts, or why the model cannot read it. */
function lengthsIn(tokenizer: Tokenizer, example: Example): Lengths | string {
  const { prompt, completion, rejected, candidates = [] } = example
  try {
    const promptTokens = prompt === undefined ? undefined : promptIdsOf(tokenizer, prompt).length
    const read = (said: Completion): readonly [whole: number, own: number] => {
      const rendered = renderedExample(tokenizer, prompt ?? '', said)
      return [rendered.ids.length, rendered.ids.length - rendered.promptTokens]
    }
    const chosen = completion === undefined ? undefined : read(completion)
    const other = rejected === undefined ? undefined : read(rejected)
    const wholes = [chosen, other, ...candidates.map((each) => read(each.completion))]
    return {
      longest: Math.max(promptTokens ?? 0, ...wholes.map((each) => each?.[0] ?? 0)),
      ...(promptTokens !== undefined && { prompt: promptTokens }),
      ...(chosen && { completion: chosen[1] }),
      ...(other && { rejected: other[1] }),
    }
  } catch (error) {
    if (error instanceof RenderingError || error instanceof UnknownCharacterError) return error.message
    throw error
  }
}

function counter() {
  const lengths: Readonly<Record<Part, Map<number, number>>> = {
    prompt: new Map(),
    completion: new Map(),
    rejected: new Map(),
  }
  const longest = new Map<number, number>()
  let unread: TokenLengths['unread']

  function addRow(row: number, found: Lengths | string): void {
    if (typeof found === 'string') {
      unread = { first: row, problem: found, ...unread, rows: (unread?.rows ?? 0) + 1 }
      return
    }
    add(longest, found.longest)
    for (const part of parts) if (found[part] !== undefined) add(lengths[part], found[part])
  }
  const sum = (counts: readonly (readonly [number, number])[]): number =>
    counts.reduce((all, [, rows]) => all + rows, 0)
  const result = (contextTokens: number): Omit<TokenLengths, 'tokenizer' | 'contextTokens'> => ({
    rows: sum([...longest]),
    histograms: parts
      .filter((part) => lengths[part].size > 0)
      .map((part) => histogramOf(part, lengths[part]))
      .map((each) => ({ ...each, matching: each.all })),
    longer: sum([...longest].filter(([length]) => length > contextTokens)),
    ...(unread && { unread }),
  })
  return { add: addRow, result }
}
