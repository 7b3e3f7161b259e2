/**
 * What a reward model learns preferences from, as it reads it: completions of one prompt, each read once, and
 * which of them are preferred to which. A preference pair is a ranking of two.
 */
import type { RewardSettings } from '../../src-shared/recipes/reward-fields'
import type { Ranking } from '../data/rankings'
import type { PreferencePair } from '../data/training-data'
import { seeded } from '../maths/random'
import type { RewardModel } from '../model/model'
import type { ReadText } from '../model/reading'
import type { Drawn } from './drawn'
import { refuse, readEach } from './refuse'
import { readScored } from './scored-texts'

export interface RankedTexts extends Drawn {
  readonly texts: readonly ReadText[]
  /** Not empty. */
  readonly pairs: readonly RankedPair[]
  /** How good each text is said to be, where that is known: equal numbers are ties. */
  readonly worths?: readonly number[]
}

/** Two of the texts, by index. */
export interface RankedPair {
  readonly better: number
  readonly worse: number
  /** m, in units of the score. */
  readonly margin: number
  readonly isSlight: boolean
}

/** Above it a margin is nearer to that of better than to that of slightly better. */
const MOST_SLIGHTLY = 0.5

export const pairAsRanking = ({ prompt, chosen, rejected, margin }: PreferencePair): Ranking => ({
  prompt,
  completions: [chosen, rejected],
  pairs: [{ better: 0, worse: 1, margin }],
})

/**
 * @param input that they come from, and what one of them is called
 * @throws StudioFailure when no pair has two different completions, or a character is unknown
 */
export function readRankings(
  model: RewardModel,
  rankings: readonly Ranking[],
  input: { readonly name: string; readonly each: string },
  settings: Pick<RewardSettings, 'readPrompt' | 'margin' | 'cutFraction' | 'seed'>,
): { readonly read: readonly RankedTexts[]; readonly notes: readonly string[] } {
  const readPrompt = settings.readPrompt === 'with-prompt'
  const all = readEach(input.name, rankings, ({ prompt, completions, pairs, worths }): RankedTexts => ({
    texts: completions.map((completion) => readScored(model, prompt, completion, readPrompt)),
    pairs: pairs.map((pair) => ({
      ...pair,
      margin: settings.margin * pair.margin,
      isSlight: pair.margin <= MOST_SLIGHTLY,
    })),
    ...(worths && { worths }),
  }))
  const told = all.map(withoutSame).filter(({ pairs }) => pairs.length > 0)
  if (told.length === 0)
    refuse(
      input.name,
      'hold the same completion twice in every pair, as the model reads them: none is preferred',
    )
  const random = seeded(settings.seed, 'cut')
  return {
    read: told.map((ranking) => (random() < settings.cutFraction ? cutShort(ranking, random()) : ranking)),
    notes: notesOf(all, told, { each: input.each, contextTokens: model.config.contextTokens }),
  }
}

function notesOf(
  all: readonly RankedTexts[],
  told: readonly RankedTexts[],
  { each, contextTokens }: { readonly each: string; readonly contextTokens: number },
): readonly string[] {
  const cut = all.filter(({ texts }) => texts.some(({ isCut }) => isCut)).length
  const [pairs, left] = [all, told].map((of) => of.reduce((sum, ranking) => sum + ranking.pairs.length, 0))
  const same = (pairs as number) - (left as number)
  return [
    cut > 0 && `Longer than ${contextTokens} tokens and cut to fit: ${cut} of ${all.length} ${each}.`,
    same > 0 && `Left out, because both completions are the same to the model: ${same} of ${pairs} pairs.`,
  ].filter((note) => note !== false)
}

const withoutSame = (ranking: RankedTexts): RankedTexts => ({
  ...ranking,
  pairs: ranking.pairs.filter((pair) => !isSame(ranking.texts, pair)),
})

const isSame = (texts: readonly ReadText[], { better, worse }: RankedPair): boolean =>
  texts[better]?.ids.join() === texts[worse]?.ids.join()

/** All completions after as many tokens, less than the shortest one has, as a policy's limit cuts them. */
function cutShort(ranking: RankedTexts, share: number): RankedTexts {
  const shortest = Math.min(...ranking.texts.map(({ ids, promptTokens }) => ids.length - promptTokens))
  const kept = Math.max(1, Math.ceil(share * (shortest - 1))) // the end token is not kept
  const texts = ranking.texts.map((text) => ({ ...text, ids: text.ids.slice(0, text.promptTokens + kept) }))
  return ranking.pairs.some((pair) => isSame(texts, pair)) ? ranking : { ...ranking, texts }
}
