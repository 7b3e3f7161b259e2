/** The last few models that wrote texts, in memory with their compiled graphs. */
import type { WeightFormat } from '../../src-shared/records/sample'
import { StudioFailure } from '../../src-shared/result'
import { openEngine } from '../compute/devices'
import type { Engine } from '../compute/engine'
import { modelShelf } from '../model/model-shelf'
import { openTextWriter, type TextWriter } from '../model/writing/generation'
import type { Tokenizer } from '../model/tokenizers/tokenizer'
import { checkpointOf, filesOfCheckpoint } from '../store/checkpoints'
import type { ReadableDb } from '../store/handle'
import { inTimeTokenizer } from './in-time'

export interface TakenWriter {
  readonly writer: TextWriter
  readonly tokenizer: Tokenizer
  putBack(): void
}

export interface WriterShelf {
  /** @throws StudioFailure when there is no such checkpoint, its file is damaged, or it writes no text */
  take(checkpointId: string, weights?: WeightFormat): Promise<TakenWriter>
}

const keptModels = 4

/** Loaded models with their compiled graphs. Beyond the number kept, the one unused for longest is freed. */
export function writerShelf(db: ReadableDb): WriterShelf {
  const shelf = new Map<string, Loaded & { users: number }>()
  const load = writerLoader(db)

  function freeUnused(): void {
    for (const [key, { writer, users }] of shelf) {
      if (shelf.size <= keptModels) return
      if (users > 0) continue
      shelf.delete(key)
      writer.dispose()
    }
  }

  return {
    take: async (checkpointId, weights = 'as-they-are') => {
      const key = `${checkpointId} ${weights}`
      if (!shelf.has(key)) {
        const loaded = await load(key, checkpointId, weights)
        if (!shelf.has(key)) shelf.set(key, { ...loaded, users: 0 })
      }
      const entry = shelf.get(key)!
      entry.users++
      shelf.delete(key)
      shelf.set(key, entry)
      freeUnused()
      return {
        writer: entry.writer,
        tokenizer: entry.tokenizer,
        putBack: () => {
          entry.users--
          freeUnused()
        },
      }
    },
  }
}

type Loaded = Pick<TakenWriter, 'writer' | 'tokenizer'>

type LoadWriter = (key: string, checkpointId: string, weights: WeightFormat) => Promise<Loaded>

/** Two requests for one writer wait for the same loading. */
function writerLoader(db: ReadableDb): LoadWriter {
  const loading = new Map<string, Promise<Loaded>>()
  const loadFile = modelShelf()
  let engine: Promise<Engine> | undefined

  async function load(checkpointId: string, weights: WeightFormat): Promise<Loaded> {
    const { name } = checkpointOf(db, checkpointId)
    const { model } = await loadFile(filesOfCheckpoint(db, checkpointId).path)
    if (model.kind !== 'language-model')
      throw new StudioFailure({
        kind: 'invalid-input',
        field: name,
        problem: 'is a reward model; it writes no text',
      })
    const guarded = { ...model, tokenizer: inTimeTokenizer(model.tokenizer) }
    const writer = openTextWriter(await (engine ??= openEngine()), guarded, weights)
    return { writer, tokenizer: guarded.tokenizer }
  }

  return async (key, checkpointId, weights) => {
    const underWay = loading.get(key) ?? load(checkpointId, weights)
    loading.set(key, underWay)
    try {
      return await underWay
    } finally {
      loading.delete(key)
    }
  }
}
