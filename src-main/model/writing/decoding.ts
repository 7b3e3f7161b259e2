/**
 * The two programs of writing text: reading prompts at once, and reading one token a row on top of a memory.
 */
import type { Engine, Int1D, Int2D, Program, Tensors } from '../../compute/engine'
import type { LanguageModel, ModelConfig } from '../model'
import type { Prefix } from '../network'
import { networkOf } from '../architectures/networks'

/** The newest token of every row and where it stands, [rows], beside what the memory takes in. */
export type TokenBatch = Tensors & { readonly ids: Int1D; readonly positions: Int1D }
/** Prompts [rows, time], and how many tokens each has, [rows]. */
export type PromptBatch = { readonly ids: Int2D; readonly lengths: Int1D }

export const decodingProgram = (engine: Engine, config: ModelConfig): Program<TokenBatch> =>
  engine.program((weights, batch) => networkOf(config).decoder.readToken(weights, batch))

export const readingProgram = (engine: Engine, config: ModelConfig): Program<PromptBatch> =>
  engine.program((weights, batch) => networkOf(config).decoder.readPrompts(weights, batch))

/**
 * Reads the first tokens of several prompts in one run.
 * @param prompts ids of what is to be read, none longer than the context
 */
export async function readPrefixes(
  program: Program<PromptBatch>,
  { config, parameters }: LanguageModel,
  prompts: readonly Int32Array[],
): Promise<Prefix[]> {
  const rows = bucketOf(prompts.length)
  const padded = Math.min(
    config.contextTokens,
    Math.ceil(Math.max(...prompts.map((ids) => ids.length)) / lengthStep) * lengthStep,
  )
  const ids = new Int32Array(rows * padded)
  prompts.forEach((prompt, row) => ids.set(prompt, row * padded))
  const lengths = Int32Array.from({ length: rows }, (_, row) => prompts[row]?.length ?? 1)
  const read = await program.run(parameters, {
    ids: { shape: [rows, padded], data: ids },
    lengths: { shape: [rows], data: lengths },
  })
  return networkOf(config).decoder.prefixesOf(
    read,
    prompts.map((prompt) => prompt.length),
    padded,
  )
}

/** The smallest power of two that holds so many rows: few batch shapes, and so few compiled graphs. */
export const bucketOf = (rows: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, rows)))

/** Prompt lengths are padded to a multiple of this, for the same reason. */
const lengthStep = 16
