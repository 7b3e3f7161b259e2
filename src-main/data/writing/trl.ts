/** TRL's forms: language modelling, prompt only, prompt and completion, preference, unpaired, stepwise. */
import type { Completion, Prompt } from '../../../src-shared/records/turn'
import { notHeld, type AnyOf, type ExportForm, type Parts, type WrittenRow } from './form'
import { marginIn } from './margins'
import { besidePrompt, completionTurns, messages, promptTurns } from './messages'

/** TRL unpacks the arguments of every row, and knows no missing ones. */
const promptIn = (prompt: Prompt, { isSpoken, hasArguments }: AnyOf): WrittenRow =>
  isSpoken || typeof prompt !== 'string'
    ? {
        prompt: messages(promptTurns(prompt)),
        ...(hasArguments && { chat_template_kwargs: {} }),
        ...besidePrompt(prompt),
      }
    : { prompt }

const saidIn = (completion: Completion, { isSpoken }: AnyOf): WrittenRow[string] =>
  isSpoken || typeof completion !== 'string' ? messages(completionTurns(completion)) : completion

const sourceIn = ({ source }: Parts): WrittenRow => (source === undefined ? {} : { source })

function rowOf(parts: Parts, any: AnyOf): WrittenRow {
  const { prompt, completion, rejected, label, candidates, steps } = parts
  if (candidates) return notHeld('is a ranking, for which TRL has no form')
  if (steps)
    return {
      ...promptIn(prompt ?? '', any),
      completions: steps.map(({ text }) => text),
      labels: steps.map((step) => step.label === 1),
    }
  if (completion === undefined) return promptIn(prompt ?? '', any)
  if (rejected !== undefined)
    return {
      ...promptIn(prompt ?? '', any),
      chosen: saidIn(completion, any),
      rejected: saidIn(rejected, any),
      ...marginIn(parts, any),
    }
  const rated = label === undefined ? {} : { label }
  if (prompt === undefined) return { ...textIn(completion), ...rated }
  return { ...promptIn(prompt, any), completion: saidIn(completion, any), ...rated }
}

const textIn = (completion: Completion): WrittenRow =>
  typeof completion === 'string' ? { text: completion } : { messages: messages(completion) }

export const trl = {
  title: 'TRL',
  rows: (parts, any) => [{ ...rowOf(parts, any), ...sourceIn(parts) }],
} satisfies ExportForm

export const trlConversational: ExportForm = {
  title: 'TRL, conversations throughout',
  rows: (parts, any) => [{ ...rowOf(parts, { ...any, isSpoken: true }), ...sourceIn(parts) }],
}

/** A pair is a completion that is good and one that is bad. */
export const kto = {
  title: 'TRL for KTO',
  rows: (parts, any) => {
    const { prompt, completion, rejected, label } = parts
    if (prompt === undefined || completion === undefined) return notHeld('has no prompt with a completion')
    const rated = (said: Completion, isGood: boolean): WrittenRow => ({
      ...promptIn(prompt, any),
      completion: saidIn(said, any),
      label: isGood,
      ...sourceIn(parts),
    })
    if (rejected !== undefined) return [rated(completion, true), rated(rejected, false)]
    if (label !== 0 && label !== 1) return notHeld('is neither good (1) nor bad (0)')
    return [rated(completion, label === 1)]
  },
} satisfies ExportForm
