/**
 * What stands beside a conversation or makes one of a text: a system prompt, earlier questions and answers, tools,
 * and what else a model's template is told.
 */
import type { Completion, Conversation, Json, Turn } from '../../../src-shared/records/turn'
import { RowProblem } from '../refuse'
import { wellFormed } from './cells'
import type { Columns, Values } from './columns'
import { contentsIn } from './contents'
import { isEmpty, isObject, jsonOf, parsed } from './json-value'

export const besideNames = {
  system: [
    ...['system', 'system_prompt', 'systemprompt', 'sys_prompt', 'system_message', 'systemmessage'],
    ...['system_instruction', 'systeminstruction', 'system_text'],
  ],
  /** Alpaca's, as LLaMA-Factory extends it: pairs of a question and its answer. */
  history: ['history'],
  tools: ['tools', 'functions'],
  templateArguments: ['chat_template_kwargs'],
} as const

export type BesideColumns = Columns<keyof typeof besideNames>

/** Whether a row has anything that only a conversation can hold. */
export const hasBeside = (values: Values, columns: BesideColumns): boolean =>
  Object.keys(besideNames).some((name) => !isEmpty(cellOf(values, columns, name as keyof typeof besideNames)))

/** Turns with all that stands beside them. @throws RowProblem */
export function conversationOf(turns: readonly Turn[], values: Values, columns: BesideColumns): Conversation {
  const cell = (name: keyof typeof besideNames) => cellOf(values, columns, name)
  const { system = 'system', tools = 'tools', templateArguments = 'chat_template_kwargs' } = columns
  const [history, told] = [cell('history'), cell('templateArguments')]
  return {
    turns: withSystem([...historyTurns(history), ...turns], cell('system'), system),
    ...(!isEmpty(cell('tools')) && { tools: toolsOf(cell('tools'), tools) }),
    ...argumentsBeside(told, templateArguments),
  }
}

/** A text as the turns of its prompt; an empty one is none. */
export const promptTurns = (prompt: Completion): readonly Turn[] => {
  if (typeof prompt !== 'string') return prompt
  return prompt === '' ? [] : [{ role: 'user', content: prompt }]
}

/** Any row may have them, whatever the first has. */
const cellOf = (values: Values, columns: BesideColumns, name: keyof typeof besideNames): unknown =>
  values[columns[name] ?? besideNames[name][0]]

function withSystem(turns: readonly Turn[], value: unknown, name: string): readonly Turn[] {
  if (isEmpty(value)) return turns
  const content = systemText(value, name).replace(/^SYSTEM:\s*/, '')
  const [first] = turns
  if (first?.role !== 'system') return [{ role: 'system', content: wellFormed(content, name) }, ...turns]
  if (first.content === content) return turns
  throw new RowProblem(`"${name}" and the first turn are two different system prompts`)
}

/** A text, a message, or the parts of one. */
function systemText(value: unknown, name: string): string {
  if (typeof value === 'string') return value
  const said = contentsIn(isObject(value) ? value : { content: value }, `"${name}"`)
  if (!said) throw new RowProblem(`"${name}" has no text as its value`)
  return said.text
}

function historyTurns(value: unknown): readonly Turn[] {
  if (isEmpty(value)) return []
  if (!Array.isArray(value))
    throw new RowProblem('"history" is not a list of pairs of a question and its answer')
  return value.flatMap((pair: unknown, index): Turn[] => {
    const [asked, answered] = Array.isArray(pair) ? (pair as readonly unknown[]) : []
    if (typeof asked !== 'string' || typeof answered !== 'string')
      throw new RowProblem(`"history" pair ${index + 1} is not like ["question", "answer"]`)
    return [
      { role: 'user', content: wellFormed(asked, 'history') },
      { role: 'assistant', content: wellFormed(answered, 'history') },
    ]
  })
}

/** A list of descriptions, or one of them; each as JSON or as a text of JSON. @throws RowProblem */
function toolsOf(value: unknown, name: string): readonly Json[] {
  const read = typeof value === 'string' ? parsed(value) : value
  const list = Array.isArray(read) ? (read as readonly unknown[]) : [read]
  return list.map((each) => {
    const tool = typeof each === 'string' ? parsed(each) : each
    if (isObject(tool)) return jsonOf(tool, `"${name}"`)
    throw new RowProblem(`"${name}" is not a list of tools, each described in JSON`)
  })
}

/** A table gives each row the names of all: what is null there was not said. */
function argumentsBeside(value: unknown, name: string): Pick<Conversation, 'templateArguments'> {
  if (isEmpty(value)) return {}
  const said = Object.entries(argumentsOf(value, name)).filter(([, each]) => each !== null)
  return said.length === 0 ? {} : { templateArguments: Object.fromEntries(said) }
}

function argumentsOf(value: unknown, name: string): Readonly<Record<string, Json>> {
  const read = typeof value === 'string' ? parsed(value) : value
  if (!isObject(read)) throw new RowProblem(`"${name}" is not an object in JSON`)
  return Object.fromEntries(Object.entries(read).map(([key, each]) => [key, jsonOf(each, `"${name}"`)]))
}
