/**
 * A tokenizer whose tokens are single characters (Unicode code points). Id 0 is the end token, which stands
 * before and after every text and is no character: any character, a newline too, can be part of a text.
 */
import { precededBy, type CharacterDefinition, type Tokenizer } from './tokenizer'

const endToken = 0

/** A text holds a character that the tokenizer has no id for. */
export class UnknownCharacterError extends Error {
  /** @param place 1-based, counted in characters */
  constructor(
    readonly character: string,
    readonly place: number,
    readonly characters: number,
  ) {
    super(
      `${JSON.stringify(character)} (${codePointName(character)}) at character ${place} is not among the ` +
        `${characters} characters of this tokenizer`,
    )
    this.name = 'UnknownCharacterError'
  }
}

/** The tokenizer of all characters that occur in the texts, in order of code point. */
export function trainCharacterTokenizer(texts: Iterable<string>): Tokenizer {
  const seen = new Set<string>()
  for (const text of texts) for (const character of text) seen.add(character)
  return characterTokenizer({
    type: 'character',
    characters: [...seen].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!),
  })
}

/**
 * The tokenizer of a stored definition.
 * @throws Error when an entry is not one character or stands there twice
 */
export function characterTokenizer(definition: CharacterDefinition): Tokenizer {
  const { characters } = definition
  const idOf = idsByCharacter(characters)
  const textOf = (id: number): string => (id === endToken ? '' : known(characters[id - 1], id))
  return {
    name: `${characters.length} characters`,
    vocabulary: characters.length + 1,
    beginToken: endToken,
    endToken,
    encode: (text) => encode(text, idOf),
    encodeFirst: (text) => precededBy(endToken, encode(text, idOf)),
    decode: (ids) => Array.from(ids, textOf).join(''),
    openDecoder: () => ({ push: textOf, end: () => '' }),
    textOf: (id) => (id === endToken ? '⏹' : textOf(id)),
    knows: (character) => idOf.has(character),
    definition,
  }
}

function idsByCharacter(characters: readonly string[]): ReadonlyMap<string, number> {
  const idOf = new Map<string, number>()
  characters.forEach((character, index) => {
    if ([...character].length !== 1)
      throw new Error(
        `entry ${index + 1} of the tokenizer, ${JSON.stringify(character)}, is not one character`,
      )
    if (idOf.has(character)) throw new Error(`${JSON.stringify(character)} stands twice in the tokenizer`)
    idOf.set(character, index + 1)
  })
  return idOf
}

function encode(text: string, idOf: ReadonlyMap<string, number>): Int32Array {
  const ids = new Int32Array(text.length)
  let count = 0
  for (const character of text) {
    const id = idOf.get(character)
    if (id === undefined) throw new UnknownCharacterError(character, count + 1, idOf.size)
    ids[count++] = id
  }
  return ids.slice(0, count)
}

function known(character: string | undefined, id: number): string {
  if (character === undefined) throw new RangeError(`${id} is not a token of this tokenizer`)
  return character
}

const codePointName = (character: string): string =>
  `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
