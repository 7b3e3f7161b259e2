/** What every tokenizer can do, and what must be stored to build it again. */
import type { PlainFormName } from '../../../src-shared/plain-forms'
import type { ChatTemplate } from './chat'

export interface Tokenizer {
  /** For people: "89 characters". */
  readonly name: string
  /** Ids are 0 … vocabulary − 1. */
  readonly vocabulary: number
  /**
   * Stands before every text, but of tokenizers of others that put none there. With most it is the end token,
   * as in GPT-2 and minRLHF; Llama's texts begin with one of their own.
   */
  readonly beginToken: number
  /** Stands after every text that ends by itself. */
  readonly endToken: number
  /** Every token that ends a text, `endToken` among them; that one alone where this is left out. */
  readonly endTokens?: readonly number[]
  /**
   * Ids of a text, without begin and end. What looks like a special token ("<|endoftext|>") is text like any
   * other: data cannot end a text.
   * @throws UnknownCharacterError naming the first character it does not know, and its place
   */
  encode(text: string): Int32Array
  /**
   * Ids of a text that stands first: those that the tokenizer puts before its texts, and the text's; at least
   * one. What a model reads of a prompt, `rendering.ts` says.
   */
  encodeFirst(text: string): Int32Array
  /** How turns are written for a model that reads plain texts; hh-rlhf's form where this is left out. */
  readonly plainForm?: PlainFormName
  /** How a chat model reads turns; not there for one that reads plain texts. */
  readonly chat?: Chat
  /**
   * The text of ids; begin, end and other special tokens are left out. Bytes that are no character read "�".
   */
  decode(ids: ArrayLike<number>): string
  /** Decodes ids one by one. */
  openDecoder(): Decoder
  /** One token as people see it. */
  textOf(id: number): string
  /** Whether a text with this character can be encoded. */
  knows(character: string): boolean
  /** All that is needed to build it again; stored in the checkpoint. */
  readonly definition: TokenizerDefinition
}

/** A chat model's template, and what is needed to read what it renders. */
export interface Chat {
  readonly template: ChatTemplate
  /** Ids of a rendered conversation, whose special tokens count. */
  encode(text: string): Int32Array
  /** The same text, in which nothing is found as a special token. */
  guarded(text: string): string
  /** Where special tokens stand in a rendered conversation. */
  marksIn(text: string): readonly number[]
  /** Whether an id stands for no text: begin, end, whose turn it is. */
  isSpecial(id: number): boolean
}

/** Decodes a text that is still being written: all pieces together are what `decode` makes of all ids. */
export interface Decoder {
  /**
   * @returns the text that is certain with this id; the bytes of an unfinished character wait for their rest
   */
  push(id: number): string
  /** @returns what still waited. */
  end(): string
}

export type TokenizerDefinition = (
  | CharacterDefinition
  | ByteDefinition
  | BpeDefinition
  | Gpt2Definition
  | HuggingFaceDefinition
  | RwkvDefinition
) & { readonly plainForm?: PlainFormName }

export interface ByteDefinition {
  readonly type: 'byte'
}

/** GPT-2's vocabulary, which the studio brings along. */
export interface Gpt2Definition {
  readonly type: 'gpt2'
}

/**
 * Byte-level byte-pair encoding trained here. Ids: the bytes 0 … 255, one token a merge, the special tokens.
 */
export interface BpeDefinition {
  readonly type: 'bpe'
  /** Ids of the two tokens of each merge, one pair after the other. */
  readonly merges: readonly number[]
  /** The last one is begin and end. */
  readonly specials: readonly string[]
}

/** Any tokenizer that others made, as its files say. */
export interface HuggingFaceDefinition {
  readonly type: 'hugging-face'
  /** tokenizer.json */
  readonly tokenizer: Readonly<Record<string, unknown>>
  /** tokenizer_config.json, its chat template included. */
  readonly config: Readonly<Record<string, unknown>>
  /** Whether prompts stand in the chat template. */
  readonly prompts: 'plain' | 'chat'
  /** Ids that config.json and generation_config.json name as ends of texts. */
  readonly ends?: readonly number[]
}

/** Longest match over bytes, as the RWKV "World" models have it. */
export interface RwkvDefinition {
  readonly type: 'rwkv'
  /** The vocabulary file as it is: a line a token. */
  readonly vocabulary: string
}

export interface CharacterDefinition {
  readonly type: 'character'
  /** Characters (Unicode code points) in the order of their ids, from id 1; id 0 is the end token. */
  readonly characters: readonly string[]
}

/** Ids with one before them. */
export const precededBy = (first: number, ids: Int32Array): Int32Array => precededByAll([first], ids)

/** Ids with others before them. */
export function precededByAll(before: readonly number[], ids: Int32Array): Int32Array {
  const all = new Int32Array(before.length + ids.length)
  all.set(before)
  all.set(ids, before.length)
  return all
}

/** The same tokenizer of a model that has learned turns in this form, and keeps it. */
export const withPlainForm = (tokenizer: Tokenizer, plainForm: PlainFormName): Tokenizer =>
  tokenizer.plainForm === plainForm
    ? tokenizer
    : { ...tokenizer, plainForm, definition: { ...tokenizer.definition, plainForm } }
