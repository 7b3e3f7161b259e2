/**
 * Conversations as they came: turns with roles, never a transcript. A plain text, of which nobody said who
 * speaks, stays a string. Where a model reads, `model/rendering.ts` makes one sequence of ids of them. Plain
 * data, safe to clone across any process border.
 */

/** One message. What a turn does not have is absent, never empty. */
export interface Turn {
  /** system, user, assistant or tool; any other role is kept as it came, for the model's own template to judge. */
  readonly role: string
  readonly content: string
  /** What an assistant thought before it spoke: `reasoning_content` and `thinking` in the field's files. */
  readonly reasoning?: string
  readonly toolCalls?: readonly ToolCall[]
  /** The tool whose answer this turn is. */
  readonly toolName?: string
  /** The call that this turn answers. */
  readonly toolCallId?: string
}

export interface ToolCall {
  readonly id?: string
  readonly name: string
  /** As it came: an object, or JSON in a string. */
  readonly arguments: Json
}

/** All turns before the first one that a model writes, and what is told to a template beside them. */
export interface Conversation {
  readonly turns: readonly Turn[]
  /** Descriptions of tools, as JSON Schema. */
  readonly tools?: readonly Json[]
  /** `chat_template_kwargs`: what else a template is told, by name. */
  readonly templateArguments?: Readonly<Record<string, Json>>
}

/** What goes in: a plain text, or the turns before those that a model writes. */
export type Prompt = string | Conversation

/** What comes out: a plain text, or turns of which the first is an assistant's. */
export type Completion = string | readonly Turn[]

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }
