/** What transformers made of conversations; tests/fixtures/chats/chats.py says how. */
import { readFileSync } from 'node:fs'
import { huggingFaceTokenizer } from '../../../src-main/model/tokenizers/hugging-face'
import type { Tokenizer } from '../../../src-main/model/tokenizers/tokenizer'
import type { Json, Prompt, Turn } from '../../../src-shared/records/turn'
import { made } from '../tokenizers/fixtures'

export interface Chat {
  readonly name: string
  readonly turns: readonly Turn[]
  readonly tools?: readonly Json[]
  readonly templateArguments?: Readonly<Record<string, Json>>
  /** Turns of the completion; 1 where it is left out. */
  readonly completion?: number
  readonly promptIds?: readonly number[]
  readonly ids?: readonly number[]
  /** 1 where an id is an assistant's. */
  readonly mask?: string
  /** In the words of the template. */
  readonly refused?: string
}

export interface Family {
  readonly name: string
  readonly base: string
  readonly template: string
  readonly added: readonly Json[]
  readonly ends: readonly number[]
  readonly conversations: readonly Chat[]
}

export const families = (
  JSON.parse(readFileSync(new URL('../../fixtures/chats/chats.json', import.meta.url), 'utf8')) as {
    readonly families: readonly Family[]
  }
).families

export function tokenizerOfFamily({ base, template, added, ends }: Family): Tokenizer {
  const { tokenizer, config } = made(base)
  return huggingFaceTokenizer({
    type: 'hugging-face',
    tokenizer: { ...tokenizer, added_tokens: added },
    config: { ...config, chat_template: template },
    prompts: 'chat',
    ends,
  })
}

/** Turns up to the completion, and those of it. */
export function parted({ turns, tools, templateArguments, completion = 1 }: Chat): {
  readonly prompt: Prompt
  readonly completion: readonly Turn[]
} {
  const prompt = {
    turns: turns.slice(0, -completion),
    ...(tools && { tools }),
    ...(templateArguments && { templateArguments }),
  }
  return { prompt, completion: turns.slice(-completion) }
}
