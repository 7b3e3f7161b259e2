/** From ids to text, as a `tokenizer.json` says. */
import { Tokenizer as Library, type Decoder as LibraryDecoder } from '@huggingface/tokenizers'
import { bytesOfLetters } from './byte-letters'
import { bytesOfText, decodeBytes, known, openByteDecoder, shownBytes } from './bytes'
import { isObject, partIn, type Json } from './hugging-face-json'
import { patternOf } from './hugging-face-parts'
import { nothing } from './hugging-face-text'
import type { Decoder, Tokenizer } from './tokenizer'

export type Decoding = Pick<Tokenizer, 'decode' | 'openDecoder' | 'textOf'>

export interface Tokens {
  /** The token of each id; of a special one its name. */
  readonly names: readonly string[]
  /** Found in texts as they are written, not in letters for bytes. */
  readonly addedIds: ReadonlySet<number>
  readonly specialIds: ReadonlySet<number>
}

export function decodingOf(tokenizer: Json, tokens: Tokens): Decoding {
  const decoder = partIn(tokenizer, 'decoder')
  return isByteLevel(decoder) ? byteDecoding(tokens) : chainDecoding(decoder, tokens)
}

const isByteLevel = (decoder: Json | undefined): boolean =>
  decoder?.['type'] === 'ByteLevel' ||
  (decoder?.['type'] === 'Sequence' && stepsOf(decoder).every(isByteLevel))

function stepsOf(decoder: Json): readonly Json[] {
  const steps = decoder['decoders']
  return decoder['type'] === 'Sequence'
    ? (Array.isArray(steps) ? steps : []).filter(isObject).flatMap(stepsOf)
    : [decoder]
}

/** Tokens in letters for bytes (GPT-2, Llama 3, Qwen, SmolLM). */
function byteDecoding({ names, addedIds, specialIds }: Tokens): Decoding {
  const bytesOf = (id: number): Uint8Array => {
    const token = known(names[id], id)
    if (specialIds.has(id)) return noBytes
    return (addedIds.has(id) ? undefined : bytesOfLetters(token)) ?? bytesOfText(token)
  }
  return {
    decode: (ids) => decodeBytes(ids, bytesOf),
    openDecoder: () => openByteDecoder(bytesOf),
    textOf: (id) => (specialIds.has(id) ? names[id]! : shownBytes(bytesOf(id))),
  }
}

const noBytes = new Uint8Array()

/** Tokens that become text one step after the other: spaces from "▁", bytes from "<0xE2>", words joined. */
function chainDecoding(decoder: Json | undefined, { names, specialIds }: Tokens): Decoding {
  const steps = decoder ? stepsOf(decoder).map(stepOf) : []
  const decode = (ids: ArrayLike<number>): string => {
    const tokens = Array.from(ids, (id) => known(names[id], id)).filter(
      (_, place) => !specialIds.has(ids[place]!),
    )
    return steps.reduce((texts, step) => step(texts), tokens).join(decoder ? '' : ' ')
  }
  return {
    decode,
    openDecoder: () => openWindow(decode),
    textOf: (id) => known(names[id], id).replaceAll('▁', ' '),
  }
}

type Step = (tokens: string[]) => string[]

function stepOf(part: Json): Step {
  if (part['type'] === 'ByteFallback') return joinBytes
  if (part['type'] === 'Replace') patternOf(part)
  const isNeverPrefixed = part['type'] === 'Metaspace' && part['prepend_scheme'] === 'never'
  const described = isNeverPrefixed
    ? { type: 'Replace', pattern: { String: part['replacement'] ?? '▁' }, content: ' ' }
    : part
  const { decoder } = new Library({ ...nothing, decoder: described }, {})
  return (tokens) => (decoder as LibraryDecoder).decode_chain(tokens)
}

/**
 * Neighbouring tokens like "<0xE2>" as the characters they spell. The library's own loses a byte order mark.
 */
function joinBytes(tokens: readonly string[]): string[] {
  const joined: string[] = []
  let bytes: number[] = []
  const flush = (): void => {
    if (bytes.length > 0)
      joined.push(new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes)))
    bytes = []
  }
  for (const token of tokens) {
    const byte = /^<0x([0-9A-F]{2})>$/.exec(token)?.[1]
    if (byte !== undefined) bytes.push(Number.parseInt(byte, 16))
    else {
      flush()
      joined.push(token)
    }
  }
  flush()
  return joined
}

/**
 * Decodes what was added last together with what came just before it, since text depends on its neighbours
 * (Hugging Face's `DecodeStream`). Text that ends in "�" may be an unfinished character: it waits.
 */
function openWindow(decode: (ids: readonly number[]) => string): Decoder {
  let ids: number[] = []
  let given = 0
  let shown = ''
  return {
    push(id) {
      ids.push(id)
      const text = decode(ids)
      if (text.endsWith('�') || text.length <= shown.length) return ''
      const piece = text.slice(shown.length)
      ids = ids.slice(given)
      given = ids.length
      shown = decode(ids)
      return piece
    },
    end: () => decode(ids).slice(shown.length),
  }
}
