/**
 * From a piece of text to ids, by the model of a `tokenizer.json`. BPE and Unigram are our own: the library's
 * take seconds for a word of a hundred thousand letters and fall over one of a million. WordPiece and
 * WordLevel, which look at whole words, are the library's.
 */
import { WordPiece } from '@huggingface/tokenizers'
import { mergeWord, type Merges } from './merging'
import { pairTable } from './pair-table'
import type { Json } from './hugging-face-json'
import { unigramEncoder } from './unigram'

/** Ids of a piece: a stretch of normalised text that no token reaches beyond. */
export type EncodePiece = (piece: string) => Iterable<number>

export interface Vocabulary {
  readonly idOf: ReadonlyMap<string, number>
  /** Ids that no text may come to. */
  readonly specialIds: ReadonlySet<number>
}

/**
 * The id of what has no token of its own; undefined when there is none.
 * @throws Error when its name is no token
 */
export function unknownIdOf(model: Json, { idOf }: Pick<Vocabulary, 'idOf'>): number | undefined {
  if (Number.isSafeInteger(model['unk_id'])) return model['unk_id'] as number
  if (typeof model['unk_token'] !== 'string') return undefined
  const id = idOf.get(model['unk_token'])
  if (id === undefined && model['unk_token'] !== '')
    throw new Error(`its tokenizer has no token ${JSON.stringify(model['unk_token'])} for what is unknown`)
  return id
}

/** @throws Error when the model is of an unknown kind, or not described as its kind is */
export function pieceEncoder(model: Json, vocabulary: Vocabulary): EncodePiece {
  switch (kindOf(model)) {
    case 'BPE':
      return bpeEncoder(model, vocabulary)
    case 'Unigram':
      return unigramOf(model, vocabulary)
    case 'WordPiece':
      return wordPieceEncoder(model, vocabulary)
    case 'WordLevel':
      return wordLevelEncoder(model, vocabulary)
    default:
      throw new Error(
        `its tokenizer is a "${String(model['type'])}", which this version does not know; it knows BPE, ` +
          'Unigram, WordPiece and WordLevel',
      )
  }
}

/** Old files do not say it. */
export function kindOf(model: Json): string {
  if (typeof model['type'] === 'string') return model['type']
  if (Array.isArray(model['vocab'])) return 'Unigram'
  if (model['merges']) return 'BPE'
  return model['continuing_subword_prefix'] === undefined ? 'WordLevel' : 'WordPiece'
}

function bpeEncoder(model: Json, vocabulary: Vocabulary): EncodePiece {
  const { idOf, specialIds } = vocabulary
  const merges = mergesIn(model, vocabulary)
  const letters = letterEncoder(model, vocabulary)
  const ignoresMerges = model['ignore_merges'] === true
  return remembering((piece) => {
    const whole = ignoresMerges ? idOf.get(piece) : undefined
    return whole !== undefined && !specialIds.has(whole)
      ? Int32Array.of(whole)
      : mergeWord(letters(piece), merges)
  })
}

function mergesIn({ merges, ...model }: Json, { idOf, specialIds }: Vocabulary): Merges {
  if (!Array.isArray(merges)) throw new Error('its tokenizer has no merges')
  const prefix =
    typeof model['continuing_subword_prefix'] === 'string' ? model['continuing_subword_prefix'] : ''
  const pairs = new Int32Array(2 * merges.length)
  const merged = new Int32Array(merges.length)
  merges.forEach((merge: unknown, rank) => {
    const [left, right] = Array.isArray(merge) ? (merge as unknown[]) : String(merge).split(' ')
    const ids = [
      left,
      right,
      `${String(left)}${String(right).slice(String(right).startsWith(prefix) ? prefix.length : 0)}`,
    ].map((token) => idOf.get(String(token)))
    if (ids.includes(undefined))
      throw new Error(
        `merge ${rank + 1} of its tokenizer, ${JSON.stringify(merge)}, names a token that it does not have`,
      )
    // A pair of −1 is met nowhere: no text becomes a special token letter by letter.
    pairs.set(specialIds.has(ids[2]!) ? [-1, -1] : (ids.slice(0, 2) as number[]), 2 * rank)
    merged[rank] = ids[2]!
  })
  return { ranks: pairTable(pairs), merged }
}

/** Ids of the single characters of a piece, as its merges start from them. */
function letterEncoder(model: Json, vocabulary: Vocabulary): (piece: string) => Int32Array {
  const { idOf } = vocabulary
  const unknownId = unknownIdOf(model, vocabulary)
  const bytes = model['byte_fallback'] === true ? byteIds(idOf) : undefined
  const prefix =
    typeof model['continuing_subword_prefix'] === 'string' ? model['continuing_subword_prefix'] : ''
  const suffix = typeof model['end_of_word_suffix'] === 'string' ? model['end_of_word_suffix'] : ''
  const fuses = model['fuse_unk'] === true
  return (piece) => {
    const ids: number[] = []
    let isAfterUnknown = false
    for (let start = 0; start < piece.length;) {
      const end = start + (piece.codePointAt(start)! > 0xffff ? 2 : 1)
      const letter = piece.slice(start, end)
      const id = idOf.get((start > 0 ? prefix : '') + letter + (end === piece.length ? suffix : ''))
      if (id !== undefined) ids.push(id)
      else if (bytes) for (const byte of new TextEncoder().encode(letter)) ids.push(bytes[byte]!)
      else if (unknownId !== undefined && !(fuses && isAfterUnknown)) ids.push(unknownId)
      isAfterUnknown = id === undefined && !bytes
      start = end
    }
    return Int32Array.from(ids)
  }
}

function unigramOf(model: Json, vocabulary: Vocabulary): EncodePiece {
  const entries = model['vocab'] as readonly unknown[]
  const tokens = entries.map((entry, id) => {
    const [token, score] = Array.isArray(entry) ? (entry as unknown[]) : []
    if (typeof token !== 'string' || typeof score !== 'number')
      throw new Error(`token ${id} of its tokenizer has no score`)
    return [vocabulary.specialIds.has(id) || id === model['unk_id'] ? '' : token, score] as const
  })
  return remembering(
    unigramEncoder({
      tokens,
      unknownId: unknownIdOf(model, vocabulary),
      byteIds: model['byte_fallback'] === true ? byteIds(vocabulary.idOf) : undefined,
    }),
  )
}

function wordPieceEncoder(model: Json, vocabulary: Vocabulary): EncodePiece {
  const unknownId = unknownIdOf(model, vocabulary)
  const words = new WordPiece({
    ...model,
    vocab: Object.fromEntries(ordinary(vocabulary, unknownId)),
  } as unknown as ConstructorParameters<typeof WordPiece>[0])
  return remembering((piece) => words.encode([piece]).map((token) => vocabulary.idOf.get(token)!))
}

function wordLevelEncoder(model: Json, vocabulary: Vocabulary): EncodePiece {
  const unknownId = unknownIdOf(model, vocabulary)
  const words = new Map(ordinary(vocabulary, unknownId))
  return (piece) => {
    const id = words.get(piece) ?? unknownId
    return id === undefined ? [] : [id]
  }
}

function* ordinary(
  { idOf, specialIds }: Vocabulary,
  unknownId: number | undefined,
): Generator<readonly [string, number]> {
  for (const [token, id] of idOf) if (!specialIds.has(id) || id === unknownId) yield [token, id]
}

/** Ids of the tokens `<0x00>` … `<0xFF>`; undefined unless all are there. */
export function byteIds(idOf: ReadonlyMap<string, number>): readonly number[] | undefined {
  const ids = Array.from({ length: 256 }, (_, byte) =>
    idOf.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
  )
  return ids.every((id) => id !== undefined) ? ids : undefined
}

const mostRemembered = 50_000

/** Pieces come again and again. */
function remembering(encode: EncodePiece): EncodePiece {
  let known = new Map<string, Iterable<number>>()
  return (piece) => {
    const found = known.get(piece)
    if (found) return found
    const ids = encode(piece)
    if (piece.length > 64) return ids
    if (known.size === mostRemembered) known = new Map()
    known.set(piece, ids)
    return ids
  }
}
