/**
 * The template of a chat model: from turns to the text that it reads, as `apply_chat_template` of Hugging Face
 * transformers renders it. The same turns are always the same text: templates that ask for today's date are
 * told the one that Llama's own falls back to.
 */
import type { Json as Value, Turn } from '../../../src-shared/records/turn'
import { namedToken, type Json } from './hugging-face-json'
import { compiled, type Template } from '../jinja/template'
import { TemplateError } from '../jinja/values'
import { RenderingError } from './rendering-error'

/** What a template is told. */
export interface Told {
  readonly turns: readonly Turn[]
  /** Whether it goes on to where the assistant speaks. */
  readonly opens: boolean
  readonly tools?: readonly Value[]
  /** `chat_template_kwargs`: what else it is told, by name. */
  readonly templateArguments?: Readonly<Record<string, Value>>
}

export interface ChatTemplate {
  /** @throws RenderingError with the template's own words when it refuses the turns */
  render(told: Told): string
}

/** @returns undefined when there is none. @throws Error when it cannot be read */
export function chatTemplateIn(config: Json): ChatTemplate | undefined {
  const templates = new Map(
    [...sourcesIn(config['chat_template'])].map(([name, source]) => [name, compiled(source)]),
  )
  const plain = templates.get('default') ?? [...templates.values()][0]
  if (!plain) return undefined
  const withTools = templates.get('tool_use') ?? plain
  const tokens = specialTokensIn(config)
  return {
    render: ({ turns, opens, tools, templateArguments }) =>
      run(tools ? withTools : plain, {
        ...tokens,
        documents: null,
        ...templateArguments,
        messages: turns.map(messageOf),
        add_generation_prompt: opens,
        tools: tools ?? null,
      }),
  }
}

function run(template: Template, known: Readonly<Record<string, unknown>>): string {
  try {
    return template.render(known).text
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    throw new RenderingError(`its chat template refuses these turns: ${error.message}`)
  }
}

/** The special tokens that a template may name, as `tokenizer_config.json` has them. */
const specialTokensIn = (config: Json): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ['bos', 'eos', 'unk', 'sep', 'pad', 'cls', 'mask'].flatMap((name) => {
      const token = namedToken(config, `${name}_token`)
      return token === undefined ? [] : [[`${name}_token`, token]]
    }),
  )

/**
 * A turn under the names that templates read. Source: Hugging Face transformers, chat_template_utils.py,
 * `_alias_reasoning_fields`: reasoning goes by two names.
 */
const messageOf = ({ role, content, reasoning, toolCalls, toolName, toolCallId }: Turn): Json => ({
  ...(reasoning !== undefined && { thinking: reasoning }),
  role,
  content,
  ...(toolCalls && {
    tool_calls: toolCalls.map(({ id, name, arguments: given }) => ({
      ...(id !== undefined && { id }),
      type: 'function',
      function: { name, arguments: given },
    })),
  }),
  ...(toolName !== undefined && { name: toolName }),
  ...(toolCallId !== undefined && { tool_call_id: toolCallId }),
  ...(reasoning !== undefined && { reasoning_content: reasoning }),
})

/** One template, called "default", or several with names. */
function sourcesIn(template: unknown): ReadonlyMap<string, string> {
  if (typeof template === 'string') return new Map([['default', template]])
  if (!Array.isArray(template)) return new Map()
  const named = template as readonly { readonly name?: unknown; readonly template?: unknown }[]
  return new Map(
    named.flatMap(({ name, template: source }) =>
      typeof source === 'string' ? [[String(name), source] as const] : [],
    ),
  )
}
