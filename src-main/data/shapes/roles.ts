/**
 * Who speaks, by what the field's files call it. A role that is not here is kept as it came, for the model's own
 * template to judge.
 */
const known: Readonly<Record<string, string>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  human: 'user',
  prompter: 'user',
  assistant: 'assistant',
  gpt: 'assistant',
  chatgpt: 'assistant',
  bard: 'assistant',
  bing: 'assistant',
  bot: 'assistant',
  ai: 'assistant',
  model: 'assistant',
  /** ShareGPT's: an assistant whose text is the call. */
  function_call: 'assistant',
  tool_call: 'assistant',
  tool: 'tool',
  function: 'tool',
  observation: 'tool',
  ipython: 'tool',
  function_response: 'tool',
  tool_response: 'tool',
  tool_result: 'tool',
}

/** Those whose text is a call. */
const callers: readonly string[] = ['function_call', 'tool_call']

export function roleOf(written: string): string {
  const name = written.trim().toLowerCase()
  return Object.hasOwn(known, name) ? known[name]! : written
}

export const isCaller = (written: string): boolean => callers.includes(written.trim().toLowerCase())
