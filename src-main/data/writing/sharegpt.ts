/** ShareGPT's conversations, with LLaMA-Factory's columns for a system prompt, tools, pairs and ratings. */
import type { Completion, Json, Turn } from '../../../src-shared/records/turn'
import { isConversation } from '../../../src-shared/turn-texts'
import { notHeld, type ExportForm, type WrittenRow } from './form'
import { marginIn } from './margins'
import { completionTurns, promptTurns } from './messages'

const speakers: Readonly<Record<string, string>> = {
  system: 'system',
  user: 'human',
  assistant: 'gpt',
  tool: 'observation',
}

export const shareGpt: ExportForm = {
  title: 'ShareGPT',
  rows: (parts, any) => {
    const { prompt = '', completion, rejected, label, candidates, steps, source } = parts
    if (candidates ?? steps)
      return notHeld('is a ranking or has labelled steps, for which ShareGPT has no form')
    if (completion === undefined) return notHeld('has no completion')
    const [first, ...others] = promptTurns(prompt)
    const system = first?.role === 'system' ? first.content : undefined
    const before = system === undefined ? promptTurns(prompt) : others
    const after = rejected === undefined ? completionTurns(completion) : []
    if (before.length === 0 && rejected !== undefined) return notHeld('has no turn before its answers')
    return [
      {
        conversations: [...before, ...after].map(said),
        ...(rejected !== undefined && {
          ...{ chosen: answer(completion), rejected: answer(rejected) },
          ...marginIn(parts, any),
        }),
        ...(system !== undefined && { system }),
        ...toldBeside(prompt),
        ...(label !== undefined && { kto_tag: ratedBy(label) }),
        ...(source !== undefined && { source }),
      },
    ]
  },
}

function toldBeside(prompt: Parameters<typeof promptTurns>[0]): WrittenRow {
  if (!isConversation(prompt)) return {}
  const { tools, templateArguments } = prompt
  return {
    ...(tools && { tools: JSON.stringify(tools) }),
    ...(templateArguments && { chat_template_kwargs: templateArguments }),
  }
}

const ratedBy = (label: number): boolean =>
  label === 0 || label === 1 ? label === 1 : notHeld('is neither good (1) nor bad (0)')

function answer(completion: Completion): Json {
  const [only, another] = completionTurns(completion)
  if (!only || another) return notHeld('has an answer of several turns, where ShareGPT has one')
  return said(only)
}

function said({ role, content, reasoning, toolCalls, toolName, toolCallId }: Turn): Json {
  if (toolCalls && content !== '') return notHeld('has a turn that says something and calls a tool')
  const from = toolCalls ? 'function_call' : (speakers[role] ?? role)
  return {
    from,
    value: toolCalls ? JSON.stringify(toolCalls.length === 1 ? toolCalls[0] : toolCalls) : content,
    ...(reasoning !== undefined && { reasoning_content: reasoning }),
    ...(toolName !== undefined && { name: toolName }),
    ...(toolCallId !== undefined && { tool_call_id: toolCallId }),
  }
}
