/** What a `tokenizer.model` of SentencePiece's says. Source: sentencepiece, src/sentencepiece_model.proto. */
import { refuse } from '../weights/refusal'
import { floatOf, messageOf, numberOf, textOf, type Field } from './protobuf'

/** The kinds of a piece, numbered as in GGUF's `tokenizer.ggml.token_type`. */
export const pieceKinds = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const

export interface Piece {
  readonly piece: string
  readonly score: number
  readonly kind: number
}

export interface SentencePieceModel {
  readonly pieces: readonly Piece[]
  readonly type: 'unigram' | 'bpe'
  readonly hasByteFallback: boolean
  /** Ids; −1 where there is none. */
  readonly unknown: number
  readonly begin: number
  readonly end: number
  readonly padding: number
  /** Which characters become which others; empty where all stay. */
  readonly charactersMap: Uint8Array
  readonly addsPrefix: boolean
  readonly removesSpaces: boolean
}

/** A SentencePiece: 1 piece, 2 score, 3 type. */
function pieceOf(fields: Iterable<Field>): Piece {
  let [piece, score, kind] = ['', 0, pieceKinds.normal as number]
  for (const [number, value] of fields) {
    if (number === 1) piece = textOf(value)
    if (number === 2) score = floatOf(value)
    if (number === 3) kind = numberOf(value)
  }
  return { piece, score, kind }
}

/** Fields of a message that are numbers; a negative one is written with 64 bits. */
function numbersIn(fields: Iterable<Field>): ReadonlyMap<number, number> {
  const found = new Map<number, number>()
  for (const [number, value] of fields)
    if (typeof value === 'number') found.set(number, value >= 2 ** 63 ? -1 : value)
  return found
}

const types: Readonly<Record<number, SentencePieceModel['type']>> = { 1: 'unigram', 2: 'bpe' }

/** ModelProto: 1 pieces, 2 trainer_spec, 3 normalizer_spec. @throws WeightsError */
export function sentencePieceModel(bytes: Uint8Array): SentencePieceModel {
  const pieces: Piece[] = []
  let trainer: ReadonlyMap<number, number> = new Map()
  let normaliser: ReadonlyMap<number, number> = new Map()
  let charactersMap = new Uint8Array()
  for (const [number, value] of messageOf(bytes)) {
    if (number === 1) pieces.push(pieceOf(messageOf(value)))
    if (number === 2) trainer = numbersIn(messageOf(value))
    if (number !== 3) continue
    normaliser = numbersIn(messageOf(value))
    for (const [field, each] of messageOf(value))
      if (field === 2 && typeof each !== 'number') charactersMap = Uint8Array.from(each)
  }
  if (pieces.length === 0) refuse('it has no pieces: it is no model of SentencePiece’s')
  const type =
    types[trainer.get(3) ?? 1] ?? refuse('it cuts texts into words or characters; unigram and BPE are read')
  if (normaliser.get(5) === 0) refuse('it keeps spaces as they are, which is not read')
  if (trainer.get(24) === 1) refuse('its pieces end with their space, which is not read')
  return {
    ...{ pieces, type, charactersMap },
    hasByteFallback: trainer.get(35) === 1,
    unknown: trainer.get(40) ?? 0,
    begin: trainer.get(41) ?? 1,
    end: trainer.get(42) ?? 2,
    padding: trainer.get(43) ?? -1,
    addsPrefix: normaliser.get(3) !== 0,
    removesSpaces: normaliser.get(4) !== 0,
  }
}
