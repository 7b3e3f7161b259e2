/** What is read of prompts before their last tokens, a few prompts at once and each once. */
import { sameness } from '../../../src-shared/prompts'
import type { Prompt } from '../../../src-shared/records/turn'
import type { Program } from '../../compute/engine'
import { networkOf } from '../architectures/networks'
import type { LanguageModel } from '../model'
import { nothingRead, type Prefix } from '../network'
import { readPrefixes, type PromptBatch } from './decoding'

/** A text of which the prompt is there. */
export interface StartedText {
  readonly prompt: Prompt
  readonly promptTokens: number
  /** The prompt's ids, and what was drawn. */
  readonly ids: readonly number[]
}

export interface PrefixReader {
  readonly model: LanguageModel
  readonly reading: Program<PromptBatch>
}

const cacheBudgetBytes = 512 * 2 ** 20
/**
 * Prompts that are read together, ahead of their turn, and how many are remembered for when they come again.
 */
const readAhead = 16
const mostPrefixes = 64

/**
 * What is read of a prompt before its last token. Reads the next few different prompts along with it, and
 * remembers the latest.
 */
export async function prefixOf(
  { model, reading }: PrefixReader,
  sequences: readonly StartedText[],
  index: number,
  known: Map<string, Prefix>,
): Promise<Prefix> {
  const { prompt, promptTokens } = sequences[index]!
  if (promptTokens === 1) return nothingRead
  const found = known.get(sameness(prompt))
  if (found) return found
  const remembered = Math.min(mostPrefixes, affordableRows(model))
  const ahead = new Map<string, Int32Array>()
  for (let i = index; i < sequences.length && ahead.size < Math.min(readAhead, remembered); i++) {
    const { prompt, promptTokens, ids } = sequences[i]!
    if (promptTokens > 1 && !known.has(sameness(prompt)))
      ahead.set(sameness(prompt), Int32Array.from(ids.slice(0, promptTokens - 1)))
  }
  const read = await readPrefixes(reading, model, [...ahead.values()])
  for (const [i, each] of [...ahead.keys()].entries()) known.set(each, read[i]!)
  for (const oldest of [...known.keys()].slice(0, Math.max(0, known.size - remembered))) known.delete(oldest)
  return known.get(sameness(prompt))!
}

/** Rows whose memory stays within `cacheBudgetBytes`; at least one. */
export const affordableRows = ({ config }: LanguageModel): number =>
  Math.max(1, Math.floor(cacheBudgetBytes / networkOf(config).decoder.rowBytes))
