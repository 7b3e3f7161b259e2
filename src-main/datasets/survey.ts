/**
 * What a dataset's texts ask of a tokenizer and a context: looked up once, in parts, so that nothing waits
 * for it.
 */
import type { Example } from '../../src-shared/records/example'
import type { Completion, Prompt } from '../../src-shared/records/turn'
import { breathe } from '../changes/topic'
import { plainCompletion, plainPrompt } from '../model/rendering'
import type { ReadableDb } from '../store/handle'
import { datasetOf } from '../store/datasets'
import { newestVersionIn } from '../store/example-versions'
import { examplesOf } from '../store/examples'
import { keyOf } from '../store/ids'
import { judgmentWatermark } from '../store/judgments'

export type Part = 'prompt' | 'completion' | 'rejected'

export interface DatasetSurvey {
  /** Rows looked at: all, or those with the label asked for and those without any. */
  readonly rows: number
  /** Each character of a part, and the first row it stands in. */
  readonly characters: Readonly<Record<Part, ReadonlyMap<string, number>>>
  /** The prompts with most characters, the longest first, and their rows; empty when no row has a prompt. */
  readonly longestPrompts: readonly LongPrompt[]
  /** The rows with most characters in all, the longest first; of two completions the longer counts. */
  readonly longestRows: readonly LongRow[]
  /** One row for each order of roles. */
  readonly spokenRows: readonly SpokenRow[]
}

interface LongRow {
  readonly prompt: Prompt
  readonly completion: Completion
}

interface LongPrompt {
  readonly row: number
  readonly prompt: Prompt
}

/**
 * The first row of those in which the same roles speak in the same order, plain texts being one order: a chat
 * template refuses all of them or none.
 */
export type SpokenRow = Pick<Example, 'row' | 'prompt' | 'completion' | 'rejected'>

/** By its length as a text. */
interface Measured {
  readonly characters: number
}

export type SurveyDataset = (datasetId: string, label?: number) => Promise<DatasetSurvey>

const rowsAtOnce = 1000
const kept = 50
const promptsKept = 16

/** Remembers what it has seen until something is said of a dataset's rows, or of judgments the next is given. */
export function datasetSurveyor(db: ReadableDb): SurveyDataset {
  const seen = new Map<string, Promise<DatasetSurvey>>()
  return (datasetId, label) => {
    const watermark = datasetOf(db, datasetId).origin === 'judgments' ? judgmentWatermark(db) : 0
    const version = newestVersionIn(db, keyOf('dataset', datasetId))
    const key = JSON.stringify([datasetId, watermark, version, label])
    const found = seen.get(key) ?? survey(db, datasetId, label)
    seen.set(key, found)
    found.catch(() => seen.delete(key))
    for (const [oldest] of seen) if (seen.size > kept) seen.delete(oldest)
    return found
  }
}

async function survey(db: ReadableDb, datasetId: string, label: number | undefined): Promise<DatasetSurvey> {
  const characters = {
    prompt: new Map<string, number>(),
    completion: new Map<string, number>(),
    rejected: new Map<string, number>(),
  }
  let rows = 0
  let visited = 0
  const longestPrompts: (LongPrompt & Measured)[] = []
  const longestRows: (LongRow & Measured)[] = []
  const spokenRows = new Map<string, SpokenRow>()
  for (const example of examplesOf(db, datasetId)) {
    if (++visited % rowsAtOnce === 0) await breathe()
    if (label !== undefined && example.label !== undefined && example.label !== label) continue
    rows++
    const texts = textsOf(example)
    const { prompt, completion, rejected } = texts
    note(characters, texts, example.row)
    if (example.prompt !== undefined)
      keepLongest(longestPrompts, { row: example.row, prompt: example.prompt, characters: prompt.length })
    const longer = rejected.length > completion.length ? example.rejected : example.completion
    keepLongest(longestRows, {
      prompt: example.prompt ?? '',
      completion: longer ?? '',
      characters: prompt.length + Math.max(completion.length, rejected.length),
    })
    keepSpoken(spokenRows, example)
  }
  return {
    rows,
    characters,
    longestPrompts: longestPrompts.map(({ row, prompt }) => ({ row, prompt })),
    longestRows: longestRows.map(({ prompt, completion }) => ({ prompt, completion })),
    spokenRows: [...spokenRows.values()],
  }
}

/** Among equally long ones the first. */
function keepLongest<T extends Measured>(longest: T[], prompt: T): void {
  const shortest = longest.at(-1)
  if (longest.length === promptsKept && shortest && shortest.characters >= prompt.characters) return
  if (longest.length === promptsKept) longest.pop()
  const place = longest.findIndex(({ characters }) => characters < prompt.characters)
  longest.splice(place < 0 ? longest.length : place, 0, prompt)
}

/** More orders than a dataset has, unless its conversations are of all lengths. */
const mostSpoken = 2000

function keepSpoken(spoken: Map<string, SpokenRow>, { row, prompt, completion, rejected }: Example): void {
  const key = JSON.stringify([prompt, completion, rejected].map(rolesIn))
  if (spoken.has(key) || spoken.size === mostSpoken) return
  spoken.set(key, {
    row,
    ...(prompt !== undefined && { prompt }),
    ...(completion !== undefined && { completion }),
    ...(rejected !== undefined && { rejected }),
  })
}

function rolesIn(part: Prompt | Completion | undefined): unknown {
  if (part === undefined || typeof part === 'string') return typeof part
  const turns = 'turns' in part ? part.turns : part
  return turns.map(({ role, content, toolCalls }) => [role, content === '', toolCalls?.length ?? 0])
}

/** Each part as a model reads it; empty where the row has none. */
const textsOf = ({
  prompt = '',
  completion = '',
  rejected = '',
}: Example): Readonly<Record<Part, string>> => ({
  prompt: plainPrompt(prompt),
  completion: plainCompletion(completion),
  rejected: plainCompletion(rejected),
})

function note(
  characters: Readonly<Record<Part, Map<string, number>>>,
  texts: Readonly<Record<Part, string>>,
  row: number,
): void {
  for (const part of ['prompt', 'completion', 'rejected'] as const) {
    const own = characters[part]
    for (const character of texts[part]) if (!own.has(character)) own.set(character, row)
  }
}
