/**
 * What a run is made from, as stand-ins of the same sizes: models without weights, and texts that are as long
 * as the longest of its own. A trainer cannot tell them from the real ones, and they take no memory.
 */
import { heldAs } from '../../src-shared/recipes/trained-part'
import { wayRoundOf } from '../model/weights/held-weights'
import { unwritten } from '../compute/rehearsal'
import type { Ranking } from '../data/rankings'
import type { LanguageModel, Model, RewardModel, Tokenizer } from '../model/model'
import { specOf } from '../model/trunk-parameters'
import type { Reward } from '../rewards/reward'
import { rewardRows } from '../rewards/rewards'
import type { Snapshot } from '../trainers/trainer'
import type { Given } from '../trainers/trainer-row'
import type { SizedModel, SizedRun } from './sized-run'

/** @param most texts of an input that are enough for a batch and for what is held out */
export function standIns({ models, texts, settings }: SizedRun, most: number): Given {
  const standIn = (model: SizedModel) => standingIn(model, heldAs(settings))
  function sized(input: string): SizedModel {
    const model = models[input]
    if (!model) throw new Error(`a run without its "${input}" cannot be rehearsed`)
    return model
  }
  function textsOf(input: string): readonly { readonly prompt: string; readonly completion: string }[] {
    const { rows, promptTokens, tokens } = texts[input] ?? { rows: most, promptTokens: 0, tokens: 1 }
    return Array.from({ length: Math.max(1, Math.min(rows, most)) }, (_, index) => ({
      prompt: textOf(promptTokens, index),
      completion: textOf(tokens - promptTokens, index),
    }))
  }
  return {
    languageModel: async (input) => standIn(sized(input)) as LanguageModel,
    rewardModel: async (input) => ({ model: standIn(sized(input)) as RewardModel, readPrompt: true }),
    reward: (source, opening) => (opening.model ? rewardRows[source].open(opening) : noReward),
    demonstrations: textsOf,
    preferencePairs: (input) =>
      textsOf(input).map(({ prompt, completion }) => ({
        prompt,
        chosen: completion || 'x',
        rejected: asLong(completion),
        margin: 1,
      })),
    ratedTexts: (input) => textsOf(input).map((text, rating) => ({ ...text, rating })),
    rankings: (input, most) => ({
      rankings: textsOf(input).map((text) => rankingOf(text, most)),
      tied: 0,
      alone: 0,
    }),
    references: () => new Map(),
    prompts: (input) => (texts[input] ? [textOf(texts[input].promptTokens)] : []),
  }
}

/** A run of a new model that is to go on before its first update: nothing is drawn for it. */
export const unbegun = (sized: SizedModel): Snapshot => ({
  model: standingIn(sized, '32-bit'),
  resume: {
    step: 0,
    numbers: { 'model/updates': 0 },
    tensors: { 'model/first-moment': new Float32Array(0), 'model/second-moment': new Float32Array(0) },
  },
})

const standingIn = ({ kind, config, head }: SizedModel, held: ReturnType<typeof heldAs>): Model =>
  ({
    kind,
    config,
    tokenizer: oneToken,
    parameters: unwritten(specOf(kind, config, head), held === '8-bit' ? wayRoundOf(config) : undefined),
    ...(head && { head }),
  }) as Model

/** As many completions as a ranking can have. */
const rankingOf = (
  { prompt, completion }: { readonly prompt: string; readonly completion: string },
  most: number,
): Ranking => ({
  prompt,
  completions: [completion || 'x', ...Array<string>(most - 1).fill(asLong(completion))],
  pairs: Array.from({ length: most - 1 }, (_, place) => ({ better: 0, worse: place + 1, margin: 1 })),
})

const noReward: Reward = async (texts) => texts.map(() => 0)

/**
 * A letter a token, and only one token to draw: what is written ends at once. The first letter says which text it is:
 * of equal ones none would be held out.
 */
const textOf = (tokens: number, index = 0) =>
  tokens > 0 ? String.fromCharCode(firstMark + index) + 'x'.repeat(tokens - 1) : ''
const firstMark = 0x4e00
/**
 * Another text as long as a completion: two that are the same say nothing, and it is its first token that differs,
 * since what is longer than the context is cut there.
 */
const asLong = (completion: string) => (completion.length > 0 ? `y${completion.slice(1)}` : 'y')
/** Letters as ids: one that cannot be drawn may be read. */
const idsOf = (text: string) => Int32Array.from(text, (letter) => (letter === 'x' ? 0 : letter.charCodeAt(0)))
const oneToken: Tokenizer = {
  name: 'one token',
  vocabulary: 1,
  beginToken: 0,
  endToken: 0,
  encode: idsOf,
  encodeFirst: (text) => Int32Array.of(0, ...idsOf(text)),
  decode: () => '',
  openDecoder: () => ({ push: () => '', end: () => '' }),
  textOf: () => '',
  knows: () => true,
  definition: { type: 'byte' },
}
