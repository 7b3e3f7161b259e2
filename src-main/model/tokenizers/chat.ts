/**
 * Prompts of chat models: messages in the Jinja template of `tokenizer_config.json`, up to where the
 * assistant's turn begins. The same prompt is always the same text: templates that ask for today's date are
 * told the one that Llama's own falls back to.
 */
import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja'
import { namedToken, type Json } from './hugging-face-json'

export interface Message {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

export interface ChatTemplate {
  /** @throws Error with the template's own words when it refuses the messages */
  render(messages: readonly Message[], addGenerationPrompt: boolean): string
}

const today = '26 Jul 2024'

/** @returns undefined when there is none. @throws Error when it cannot be read */
export function chatTemplateIn(config: Json): ChatTemplate | undefined {
  const source = sourceIn(config['chat_template'])
  if (source === undefined) return undefined
  const program = parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true }))
  const tokens = Object.fromEntries(
    ['bos_token', 'eos_token', 'unk_token', 'pad_token'].map((name) => [
      name,
      namedToken(config, name) ?? '',
    ]),
  )
  return {
    render(messages, addGenerationPrompt) {
      const environment = new Environment()
      const known = {
        ...functions,
        ...tokens,
        date_string: today,
        messages,
        add_generation_prompt: addGenerationPrompt,
        tools: null,
        documents: null,
      }
      for (const [name, value] of Object.entries(known)) environment.set(name, value)
      return String(new Interpreter(environment).run(program).value)
    },
  }
}

/** What a template may call and name, as in Hugging Face's `apply_chat_template`. */
const functions = {
  raise_exception: (problem: string) => {
    throw new Error(problem)
  },
  strftime_now: (format: string) => format.replace(/%[dbBmyYHMSp%]/g, (sign) => dateParts[sign] ?? sign),
  range: (start: number, stop?: number, step = 1) => {
    const [from, to] = stop === undefined ? [0, start] : [start, stop]
    return Array.from(
      { length: Math.max(0, Math.ceil((to - from) / step)) },
      (_, place) => from + place * step,
    )
  },
  True: true,
  False: false,
  None: null,
}

const dateParts: Readonly<Record<string, string>> = {
  '%d': '26',
  '%b': 'Jul',
  '%B': 'July',
  '%m': '07',
  '%y': '24',
  '%Y': '2024',
  '%H': '12',
  '%M': '00',
  '%S': '00',
  '%p': 'PM',
  '%%': '%',
}

/** One template, or several with names, of which "default" is meant. */
function sourceIn(template: unknown): string | undefined {
  if (typeof template === 'string') return template
  if (!Array.isArray(template)) return undefined
  const named = template as readonly { readonly name?: unknown; readonly template?: unknown }[]
  const chosen = named.find(({ name }) => name === 'default') ?? named[0]
  return typeof chosen?.template === 'string' ? chosen.template : undefined
}

/**
 * Turns of the transcripts in which datasets keep conversations (Bai et al. 2022); any other prompt is one
 * message of the user.
 */
export function messagesOf(prompt: string): readonly Message[] {
  const turns = prompt.split(/\n\n(Human|Assistant):/)
  if (turns.length < 5 || turns.at(-2) !== 'Assistant' || turns.at(-1) !== '')
    return [{ role: 'user', content: prompt }]
  const system = turns[0]!
  const messages: Message[] = system === '' ? [] : [{ role: 'system', content: system }]
  for (let place = 1; place + 2 < turns.length; place += 2) {
    messages.push({
      role: turns[place] === 'Human' ? 'user' : 'assistant',
      content: turns[place + 1]!.replace(/^ /, ''),
    })
  }
  return messages
}

/**
 * A completion of such a transcript begins with the space after "Assistant:", which the template has no place
 * for.
 */
export const withoutTurnSpace = (completion: string): string => completion.replace(/^ /, '')

/**
 * The prompt as the model reads it. A template that knows no system message finds it at the head of the first
 * message.
 */
export function renderPrompt(template: ChatTemplate, prompt: string): string {
  const messages = messagesOf(prompt)
  const [first, second, ...later] = messages
  if (first?.role !== 'system' || !second) return template.render(messages, true)
  try {
    return template.render(messages, true)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return template.render([{ ...second, content: `${first.content}\n\n${second.content}` }, ...later], true)
  }
}
