/** Language models: made, copied, and asked how likely a text is. */
import type { ProgramBody, Tensors, Weights } from '../compute/engine'
import { logProbsOf } from '../compute/recording/fused'
import { namesUnder, recordingsOf, WEIGHT } from '../compute/recording/graphs'
import { inChunks } from '../compute/recording/in-chunks'
import { allocate, copyParameters } from '../compute/parameters'
import * as tf from '../compute/tf'
import type { Random } from '../maths/random'
import type { LanguageModel, Model, ModelConfig, Tokenizer } from './model'
import { networkOf } from './architectures/networks'
import { hidden } from './network'
import { initialise, trunkSpec } from './trunk-parameters'

/**
 * A model with random weights.
 * @throws Error when the vocabulary of the configuration is not the tokenizer's
 */
export function createLanguageModel(
  config: ModelConfig,
  tokenizer: Tokenizer,
  random: Random,
): LanguageModel {
  if (config.vocabulary !== tokenizer.vocabulary)
    throw new Error(`the model knows ${config.vocabulary} tokens, its tokenizer ${tokenizer.vocabulary}`)
  const parameters = allocate(trunkSpec(config))
  initialise(parameters, config, random)
  return { kind: 'language-model', config, tokenizer, parameters }
}

/** The same model with parameters of its own: training one leaves the other as it is. */
export const copyModel = <M extends Model>(model: M): M => ({
  ...model,
  parameters: copyParameters(model.parameters),
})

/** What a token was drawn from, when it is not the plain softmax. */
export interface SampledFrom {
  /** Divides the logits; 1 changes nothing. */
  readonly temperature: number
  /**
   * Ids from here on are no tokens and cannot be drawn: embeddings are often a little larger than their tokenizer.
   */
  readonly tokens?: number
}

/**
 * Logits of the distribution that each token but the first was drawn from: row t is of token t + 1.
 * @param ids  int32 [B, T], T ≤ contextTokens + 1: the last token is drawn and never read
 * @returns [B, T − 1, V]
 */
export function nextTokenLogits(
  config: ModelConfig,
  weights: Weights,
  ids: tf.Tensor,
  from: SampledFrom = { temperature: 1 },
): tf.Tensor3D {
  return nextTokenLogitsOf(config, weights, readStates(config, weights, ids), from)
}

/**
 * log π(idₜ | id₍<t₎) of every token but the first.
 * @param ids  int32 [B, T], T ≤ contextTokens + 1
 * @returns [B, T − 1], nats
 */
export function tokenLogProbs(
  config: ModelConfig,
  weights: Weights,
  ids: tf.Tensor,
  from: SampledFrom = { temperature: 1 },
): tf.Tensor2D {
  return logProbsOfStates(config, weights, { states: readStates(config, weights, ids), ids }, from)
}

/** What a model has made of texts, and what of them is asked. */
interface ReadTexts {
  /** [B, T − 1, C] of `ids` [B, T]. */
  readonly states: tf.Tensor3D
  readonly ids: tf.Tensor
  /** What is added to logits where tokens could not be drawn: [B, T − 1, V]. */
  readonly allowed?: tf.Tensor | undefined
}

/** The same from states that are already there: → [B, T − 1], nats. */
export function logProbsOfStates(
  config: ModelConfig,
  weights: Weights,
  { states, ids, allowed }: ReadTexts,
  from: SampledFrom = { temperature: 1 },
): tf.Tensor2D {
  const perPosition = { came: cameIn(ids), ...(allowed && { allowed: ofEach(allowed) }) }
  const said = numbersOfStates(
    config,
    weights,
    states,
    { from, perPosition },
    (logits, { came, allowed }) => ({
      logProbs: logProbsOf(allowed ? tf.add(logits, allowed) : logits, came as tf.Tensor1D),
    }),
  )
  return said['logProbs'] as tf.Tensor2D
}

/** [B, T, …] as [B · T, …]. */
export const ofEach = (x: tf.Tensor): tf.Tensor =>
  tf.reshape(x, [(x.shape[0] as number) * (x.shape[1] as number), ...x.shape.slice(2)])

/** Logits [N, V] of some positions, and what is known of each of them, [N, …] → numbers by name, [N] each. */
export type OfLogits = (logits: tf.Tensor2D, known: Tensors) => Readonly<Record<string, tf.Tensor>>

/**
 * Numbers that logits say of each position, from states [B, T − 1, C] that are already there: → [B, T − 1] each. Where
 * logits would be many, a chunk of positions at a time, and again on the way back: no [positions, V] is ever there.
 * @param given `perPosition` [B · (T − 1), …] has no gradient
 */
export function numbersOfStates(
  config: ModelConfig,
  weights: Weights,
  states: tf.Tensor3D,
  { from, perPosition }: { readonly from: SampledFrom; readonly perPosition: Tensors },
  body: OfLogits,
): Readonly<Record<string, tf.Tensor2D>> {
  const [rows, length] = states.shape
  const inRows = (each: tf.Tensor): tf.Tensor2D => tf.reshape(each, [rows, length])
  const chunk = chunkPositions(config)
  if (rows * length <= chunk)
    return mapped(body(logitsOfSome(config, weights, states, from), perPosition), inRows)
  const names = headNames(config, weights, states)
  let found: readonly string[] = []
  const numbers = inChunks(
    ([some, ...known], shared) => {
      const head = { ...weights, ...named(names, shared) }
      const logits = logitsOfSome(config, head, some as tf.Tensor, from)
      const said = body(logits, named(Object.keys(perPosition), known))
      found = Object.keys(said)
      return tf.concat(
        Object.values(said).map((each) => tf.reshape(each, [-1, 1])),
        1,
      )
    },
    tf.reshape(states, [rows * length, config.width]),
    { constants: Object.values(perPosition), shared: names.map((name) => weights[name] as tf.Tensor) },
    chunk,
  )
  // one by itself: TensorFlow.js has no gradient of a split into one
  return mapped(named(found, found.length > 1 ? tf.split(numbers, found.length, 1) : [numbers]), inRows)
}

/** Logits of positions, [..., C] → [N, V]. */
export function logitsOfSome(
  config: ModelConfig,
  weights: Weights,
  states: tf.Tensor,
  from: SampledFrom,
): tf.Tensor2D {
  const own: tf.Tensor3D = tf.reshape(states, [1, -1, config.width])
  return tf.reshape(nextTokenLogitsOf(config, weights, own, from), [-1, config.vocabulary])
}

const named = (names: readonly string[], tensors: readonly tf.Tensor[]): Record<string, tf.Tensor> =>
  Object.fromEntries(names.map((name, index) => [name, tensors[index] as tf.Tensor]))

const mapped = <T>(tensors: Tensors, of: (each: tf.Tensor) => T): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(tensors).map(([name, each]) => [name, of(each)]))

/** Every token but the first: int32 [B, T] → [B · (T − 1)]. */
export function cameIn(ids: tf.Tensor): tf.Tensor1D {
  const [rows, length] = ids.shape as [number, number]
  return tf.reshape(tf.slice(ids, [0, 1], [rows, length - 1]), [rows * (length - 1)])
}

/** Logits that are there at once: 64 MB. */
const mostLogits = 2 ** 24
/** Fewer rows make slow products. */
const fewestPositions = 64

/** Positions whose logits are there at once. */
export const chunkPositions = ({ vocabulary }: Pick<ModelConfig, 'vocabulary'>): number =>
  Math.max(fewestPositions, Math.floor(mostLogits / vocabulary))

/** The weights that logits are made with, found by making those of one position. */
function headNames(config: ModelConfig, weights: Weights, states: tf.Tensor3D): readonly string[] {
  const asked = new Set<string>()
  const watched = new Proxy(weights, {
    get(target, name) {
      if (typeof name === 'string' && target[name]) asked.add(name)
      return Reflect.get(target, name)
    },
  })
  const one = tf.reshape(tf.slice(states, [0, 0, 0], [1, 1, config.width]), [1, config.width]) as tf.Tensor2D
  networkOf(config).unembed(watched, one)
  return [...asked]
}

/** The names of the weights that a model's logits are made with: what a recording of them reads. */
export function headNamesOf({ config, parameters }: LanguageModel): ReadonlySet<string> {
  const states = { shape: [1, config.width], data: new Float32Array(config.width) }
  const body: ProgramBody = (weights, { states }) => ({
    logits: networkOf(config).unembed(weights, states as tf.Tensor2D),
  })
  const { nodes } = recordingsOf(body)(parameters.spec, { states })
  const read = nodes.flatMap(({ inputs }) => inputs.map((each) => (each.kind === 'input' ? each.name : '')))
  return new Set(namesUnder(WEIGHT, read))
}

/**
 * What the trunk makes of all tokens but the last: int32 [B, T] → [B, T − 1, C]. A value head reads the same
 * states.
 * @param added to the embeddings: [B, T − 1, C]
 */
export function readStates(
  config: ModelConfig,
  weights: Weights,
  ids: tf.Tensor,
  added?: tf.Tensor3D,
): tf.Tensor3D {
  const [rows, length] = ids.shape as [number, number]
  return networkOf(config).hiddenStates(weights, tf.slice(ids, [0, 0], [rows, length - 1]), added)
}

/** `nextTokenLogits` from states that are already there: [B, T − 1, C] → [B, T − 1, V]. */
export function nextTokenLogitsOf(
  config: ModelConfig,
  weights: Weights,
  states: tf.Tensor3D,
  from: SampledFrom,
): tf.Tensor3D {
  const [rows, length] = states.shape
  const plain: tf.Tensor3D = tf.reshape(
    networkOf(config).unembed(weights, tf.reshape(states, [rows * length, config.width])),
    [rows, length, config.vocabulary],
  )
  const heated: tf.Tensor3D = from.temperature === 1 ? plain : tf.div(plain, from.temperature)
  const { tokens = config.vocabulary } = from
  return tokens < config.vocabulary ? tf.add(heated, hiddenFrom(tokens, config.vocabulary)) : heated
}

/** What is added to logits so that ids from `tokens` on have no probability: [V]. */
const hiddenFrom = (tokens: number, vocabulary: number): tf.Tensor =>
  tf.mul(
    tf.cast(tf.greaterEqual(tf.range(0, vocabulary, 1, 'int32'), tf.scalar(tokens, 'int32')), 'float32'),
    hidden,
  )

/** The log-probabilities of the tokens that came: logits [B, T − 1, V] of ids [B, T] → [B, T − 1], nats. */
export function chosenLogProbs(logits: tf.Tensor3D, ids: tf.Tensor): tf.Tensor2D {
  const [rows, length, vocabulary] = logits.shape
  return tf.reshape(logProbsOf(tf.reshape(logits, [rows * length, vocabulary]), cameIn(ids)), [rows, length])
}
