/** Two completions of each word by the policy itself, compared by the gold rule; and who wins on other words. */
import type { Engine } from '../../compute/engine'
import { meanWithInterval, type Interval } from '../../maths/interval'
import { seedOf } from '../../maths/random'
import type { LanguageModel } from '../../model/model'
import { generate } from '../../model/writing/generation'
import { lexiconReward } from '../../rewards/lexicon'

/** The rule that nobody learns from but through its verdicts: a kinder definition is the better one. */
export const goldRule = lexiconReward

export interface Written {
  readonly prompt: string
  readonly completion: string
  readonly hasEnded: boolean
  readonly gold: number
}

export interface Writing {
  readonly engine: Engine
  readonly maxTokens: number
  readonly seed: number
}

/** One completion of each prompt, with what the gold rule says of it. */
export async function written(
  { engine, maxTokens, seed }: Writing,
  model: LanguageModel,
  prompts: readonly string[],
  draw: string,
): Promise<readonly Written[]> {
  const completions = await generate(engine, model, prompts, {
    ...{ temperature: 1, topK: 0, topP: 1, maxTokens },
    seed: seedOf(seed, 'real', draw),
  })
  const scored = completions.map(({ text, hasEnded }, index) => ({
    prompt: prompts[index]!,
    completion: text,
    hasEnded,
  }))
  const gold = await goldRule(scored)
  return scored.map((each, index) => ({ ...each, gold: gold[index]! }))
}

/** The better one of each two, chosen. Equals say nothing. */
export const judgedPairs = (first: readonly Written[], second: readonly Written[]) =>
  first.flatMap((a, index) => {
    const b = second[index]!
    if (a.gold === b.gold || a.completion === '' || b.completion === '') return []
    const [better, worse] = a.gold > b.gold ? [a, b] : [b, a]
    return [{ prompt: a.prompt, completion: better.completion, rejected: worse.completion }]
  })

export interface WinRate {
  /** Share of prompts won, a tie half; mean over both orders. */
  readonly winRate: number
  readonly ci95: Interval
  readonly meanGold: number
  readonly meanLength: number
  readonly endedShare: number
}

/**
 * Against the start, on each prompt twice: once with the policy's first draw on the left, once with its second on the
 * right, each against the start's other draw. The interval is over prompts, each with the mean of its two verdicts.
 */
export function winRate(
  policy: readonly (readonly Written[])[],
  start: readonly (readonly Written[])[],
): WinRate {
  const [first, second] = [policy[0]!, policy[1]!]
  const verdicts = first.map((_, index) => {
    const left = verdictOf(first[index]!, start[1]![index]!)
    const right = 1 - verdictOf(start[0]![index]!, second[index]!)
    return (left + right) / 2
  })
  const all = [...first, ...second]
  const mean = (of: (each: Written) => number): number =>
    all.reduce((sum, each) => sum + of(each), 0) / all.length
  const { mean: won, interval } = meanWithInterval(verdicts)
  return {
    winRate: won,
    ci95: interval,
    meanGold: mean(({ gold }) => gold),
    meanLength: mean(({ completion }) => [...completion].length),
    endedShare: mean(({ hasEnded }) => (hasEnded ? 1 : 0)),
  }
}

/** 1 where the left one is better, ½ where neither is. */
const verdictOf = (left: Written, right: Written): number =>
  left.gold === right.gold ? 0.5 : left.gold > right.gold ? 1 : 0
