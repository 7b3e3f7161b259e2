/**
 * The frequencies of rotary positions (Su et al. 2021), and how later models stretch them to read longer
 * texts than they were first trained on. Nothing here computes with tensors.
 */

/**
 * How rotary positions were stretched beyond the context the model was first trained on; the names are those
 * of Hugging Face's `rope_scaling`.
 */
export type RopeScaling =
  | { readonly type: 'none' }
  | { readonly type: 'linear'; readonly factor: number }
  /** Stretched only where a text is longer than the context, and none is longer here. */
  | { readonly type: 'dynamic'; readonly factor: number }
  | {
      readonly type: 'llama3'
      readonly factor: number
      readonly lowFrequencyFactor: number
      readonly highFrequencyFactor: number
      readonly originalContextTokens: number
    }
  | {
      readonly type: 'yarn'
      readonly factor: number
      readonly originalContextTokens: number
      readonly attentionFactor: number
      readonly betaFast: number
      readonly betaSlow: number
      /** Whether the band between is cut to whole pairs; where it is not said, it is. */
      readonly isTruncated?: boolean
    }
  | {
      readonly type: 'longrope'
      readonly originalContextTokens: number
      readonly attentionFactor: number
      /** What each frequency is divided by in texts of at most the original context: [D/2]. */
      readonly shortFactors: readonly number[]
      /** And in longer ones. */
      readonly longFactors: readonly number[]
    }

export interface RotaryFrequencies {
  /** Angle a position, one for each pair of a head's numbers: [D/2]. */
  readonly frequencies: Float64Array
  /** Multiplies sine and cosine; 1 but for YaRN. */
  readonly magnitude: number
}

/**
 * θᵢ = base^(−2i/D), then stretched.
 * Sources: linear, Chen et al. 2023; llama3, Grattafiori et al. 2024 as in transformers'
 * `_compute_llama3_parameters`; yarn, Peng et al. 2023, Eq. 23–25; longrope, Ding et al. 2024.
 * @param tokens of the text that is read: longrope alone asks
 */
export function rotaryFrequencies(
  headWidth: number,
  base: number,
  scaling: RopeScaling,
  tokens: number,
): RotaryFrequencies {
  const plain = Float64Array.from({ length: headWidth / 2 }, (_, i) => base ** ((-2 * i) / headWidth))
  switch (scaling.type) {
    case 'none':
    case 'dynamic':
      return { frequencies: plain, magnitude: 1 }
    case 'longrope': {
      const isLong = tokens > scaling.originalContextTokens
      const factors = isLong ? scaling.longFactors : scaling.shortFactors
      return { frequencies: plain.map((theta, i) => theta / factors[i]!), magnitude: scaling.attentionFactor }
    }
    case 'linear':
      return { frequencies: plain.map((theta) => theta / scaling.factor), magnitude: 1 }
    case 'llama3':
      return { frequencies: plain.map((theta) => stretchedBand(theta, scaling)), magnitude: 1 }
    case 'yarn':
      return {
        frequencies: plain.map((theta, i) => yarn(theta, i, headWidth, base, scaling)),
        magnitude: scaling.attentionFactor,
      }
  }
}

/**
 * Those of each position as in a text that ends there: what is read token by token is remembered as it was
 * rotated when it was the last one.
 */
export function frequenciesAsWritten(
  headWidth: number,
  base: number,
  scaling: RopeScaling,
): (position: number) => RotaryFrequencies {
  const short = rotaryFrequencies(headWidth, base, scaling, 1)
  if (scaling.type !== 'longrope') return () => short
  const { originalContextTokens } = scaling
  const long = rotaryFrequencies(headWidth, base, scaling, originalContextTokens + 1)
  return (position) => (position + 1 > originalContextTokens ? long : short)
}

/** Long waves are stretched, short ones left, those between mixed. */
function stretchedBand(
  theta: number,
  {
    factor,
    lowFrequencyFactor,
    highFrequencyFactor,
    originalContextTokens,
  }: Extract<RopeScaling, { type: 'llama3' }>,
): number {
  const turns = (originalContextTokens * theta) / (2 * Math.PI)
  if (turns < lowFrequencyFactor) return theta / factor
  if (turns > highFrequencyFactor) return theta
  const share = (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor)
  return (1 - share) * (theta / factor) + share * theta
}

function yarn(
  theta: number,
  i: number,
  headWidth: number,
  base: number,
  { factor, originalContextTokens, betaFast, betaSlow, isTruncated }: Extract<RopeScaling, { type: 'yarn' }>,
): number {
  const pairThatTurns = (turns: number): number =>
    (headWidth * Math.log(originalContextTokens / (turns * 2 * Math.PI))) / (2 * Math.log(base))
  const isCut = isTruncated ?? true
  const [first, last] = [pairThatTurns(betaFast), pairThatTurns(betaSlow)]
  const low = Math.max(0, isCut ? Math.floor(first) : first)
  const high = Math.min(headWidth - 1, isCut ? Math.ceil(last) : last)
  const ramp = Math.min(1, Math.max(0, (i - low) / Math.max(high - low, 0.001)))
  return ramp * (theta / factor) + (1 - ramp) * theta
}

const numbersOf: Readonly<Record<RopeScaling['type'], readonly string[]>> = {
  none: [],
  linear: ['factor'],
  dynamic: ['factor'],
  llama3: ['factor', 'lowFrequencyFactor', 'highFrequencyFactor', 'originalContextTokens'],
  yarn: ['factor', 'originalContextTokens', 'attentionFactor', 'betaFast', 'betaSlow'],
  longrope: ['originalContextTokens', 'attentionFactor'],
}

/**
 * @param rotatedWidth numbers of a head that are rotated
 * @throws Error in words when a kind of scaling is unknown or lacks a number
 */
export function checkRopeScaling(scaling: RopeScaling, rotatedWidth: number): void {
  const wanted = numbersOf[scaling.type] as readonly string[] | undefined
  if (!wanted)
    throw new Error(
      `the rotary positions are scaled by "${String(scaling.type)}", which this version does not know`,
    )
  for (const name of wanted) {
    const value: unknown = Reflect.get(scaling, name)
    if (!Number.isFinite(value) || (value as number) <= 0)
      throw new Error(`the scaling of the rotary positions has no proper "${name}"`)
  }
  if (scaling.type === 'longrope')
    for (const name of ['shortFactors', 'longFactors'] as const)
      if (!areFactors(scaling[name], rotatedWidth / 2))
        throw new Error(
          `the scaling of the rotary positions has no proper "${name}": ${rotatedWidth / 2} numbers above 0`,
        )
}

const areFactors = (found: unknown, wanted: number): boolean =>
  Array.isArray(found) &&
  found.length === wanted &&
  found.every((each) => typeof each === 'number' && Number.isFinite(each) && each > 0)
