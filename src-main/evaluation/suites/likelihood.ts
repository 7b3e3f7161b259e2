/** How likely the checkpoint holds what stands beside the prompts. */
import { sameness } from '../../../src-shared/prompts'
import type { Prompt } from '../../../src-shared/records/turn'
import type { References } from '../../rewards/reward'
import { ofTheSet } from './measures'
import type { Suite } from './suite'

export const likelihood: Suite = {
  title: 'Likelihood of the references',
  needs: 'references',
  measure: async ({ texts, references = new Map(), logProbsOf }) => {
    const prompts = new Map(texts.map(({ prompt }) => [JSON.stringify(prompt), prompt]))
    const pairs = [...prompts.values()].flatMap((prompt) =>
      besideIn(references, prompt).map((completion) => ({ prompt, completion })),
    )
    const read = (await logProbsOf(pairs)).flatMap((each) => (each && each.length > 0 ? [each] : []))
    if (read.length === 0) return []
    const tokens = read.reduce((sum, { length }) => sum + length, 0)
    const leftOut = pairs.length - read.length
    const note = leftOut === 0 ? '' : ` Left out: ${leftOut}, longer than the context.`
    return [
      ofTheSet(read, perplexity, {
        name: 'Perplexity',
        count: tokens,
        better: 'lower',
        doc: `e^(mean −log π) over the references’ tokens, their end counted, under the own tokenizer.${note}`,
      }),
      ofTheSet(read, nats, {
        name: 'Nats a token',
        count: tokens,
        unit: 'nats',
        better: 'lower',
        doc: 'Mean −log π of the same tokens: temperature 1, no rule of sampling.',
      }),
    ]
  },
}

/** @param texts log π of each token, nats */
function nats(texts: readonly (readonly number[])[]): number {
  const all = texts.flat()
  return -all.reduce((sum, each) => sum + each, 0) / all.length
}

const perplexity = (texts: readonly (readonly number[])[]): number => Math.exp(nats(texts))

const besideIn = (references: References, prompt: Prompt): readonly string[] =>
  references.get(sameness(prompt)) ?? []
