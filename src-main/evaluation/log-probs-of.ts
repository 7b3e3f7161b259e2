/** log π of each token of given completions under a language model. */
import type { Prompt } from '../../src-shared/records/turn'
import type { Engine, Int2D } from '../compute/engine'
import { tokenLogProbs } from '../model/language-model'
import type { LanguageModel } from '../model/model'
import { renderedExample } from '../model/rendering'

const rows = 8
/** Lengths are padded to a multiple of this: few batch shapes, and so few compiled graphs. */
const lengthStep = 32

export interface Read {
  readonly prompt: Prompt
  readonly completion: string
}

/**
 * The end token counts, as it does in training; the prompt does not.
 * @returns nats, in order; undefined for a text that is longer than the model reads
 */
export async function logProbsOf(
  engine: Engine,
  { config, parameters, tokenizer }: LanguageModel,
  pairs: readonly Read[],
): Promise<readonly (readonly number[] | undefined)[]> {
  const program = engine.program<{ ids: Int2D }>((weights, { ids }) => ({
    logProbs: tokenLogProbs(config, weights, ids),
  }))
  const texts = pairs.map(({ prompt, completion }) => renderedExample(tokenizer, prompt, completion))
  const found: (readonly number[] | undefined)[] = texts.map(() => undefined)
  // texts of like length are read together
  const order = [...texts.keys()]
    .filter((place) => texts[place]!.ids.length <= config.contextTokens + 1)
    .sort((a, b) => texts[a]!.ids.length - texts[b]!.ids.length)
  try {
    for (let start = 0; start < order.length; start += rows) {
      const part = order.slice(start, start + rows)
      const longest = texts[part.at(-1)!]!.ids.length
      const time = Math.min(config.contextTokens + 1, Math.ceil(longest / lengthStep) * lengthStep)
      const ids = new Int32Array(rows * time)
      part.forEach((place, row) => ids.set(texts[place]!.ids, row * time))
      const { logProbs } = await program.run(parameters, { ids: { shape: [rows, time], data: ids } })
      for (const [row, place] of part.entries()) {
        const { spoken, promptTokens } = texts[place]!
        const own = logProbs!.data.subarray(row * (time - 1), (row + 1) * (time - 1))
        found[place] = spoken
          .filter(({ from }) => from >= promptTokens)
          .flatMap(({ from, to }) => [...own.subarray(from - 1, to - 1)])
      }
    }
    return found
  } finally {
    program.dispose()
  }
}
