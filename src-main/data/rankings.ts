/** Rankings: what was said of several completions of one prompt, put together out of pairs and of ratings. */
import { sameness } from '../../src-shared/prompts'
import type { Completion, Prompt } from '../../src-shared/records/turn'
import type { PreferencePair, RatedText } from './training-data'

/** Completions of one prompt, each once, and which of them is better than which. */
export interface Ranking {
  readonly prompt: Prompt
  readonly completions: readonly Completion[]
  /** By index; not empty. */
  readonly pairs: readonly RankedAs[]
  /** How good each is said to be, where that is known: equal numbers are ties. */
  readonly worths?: readonly number[]
}

export interface RankedAs {
  readonly better: number
  readonly worse: number
  /** By how much the better score should lead, in units of the setting `margin`. */
  readonly margin: number
}

/** What was said of a prompt's completions that makes no ranking. */
export interface Rankings {
  readonly rankings: readonly Ranking[]
  /** Prompts all of whose completions are rated alike. */
  readonly tied: number
  /** Prompts with one completion. */
  readonly alone: number
}

/**
 * Of each prompt its pairs, and its rated completions. A prompt with more completions than are ranked together has
 * several rankings; no pair is lost by that, and rated completions are dealt in turn, whatever order they stand in.
 * @param most completions of a ranking, at least 2
 */
export function rankings(
  pairs: readonly PreferencePair[],
  rated: readonly RatedText[],
  most: number,
): Rankings {
  const byPrompt = groupedBy(rated, samePrompt).map((of) => ({ prompt: of[0]!.prompt, worths: worthsOf(of) }))
  const ranked = byPrompt.flatMap(({ prompt, worths }) => dealt(prompt, worths, most))
  return {
    rankings: [
      ...groupedBy(pairs, samePrompt).flatMap((of) => joined(of[0]!.prompt, of, most)),
      ...ranked.filter(({ pairs: said }) => said.length > 0),
    ],
    tied: byPrompt.filter(({ worths }) => worths.length > 1 && areAlike(worths)).length,
    alone: byPrompt.filter(({ worths }) => worths.length === 1).length,
  }
}

/** A completion with the mean of its ratings. */
interface Worth {
  readonly completion: Completion
  readonly worth: number
}

const areAlike = (worths: readonly Worth[]): boolean => new Set(worths.map(({ worth }) => worth)).size === 1

const samePrompt = ({ prompt }: { readonly prompt: Prompt }): string => sameness(prompt)

/** The same text, or the same turns. */
const sameCompletion = (completion: Completion): string =>
  typeof completion === 'string' ? completion : JSON.stringify(completion)

/** Never empty, in the order in which they came. */
function groupedBy<T>(all: readonly T[], keyOf: (each: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>()
  for (const each of all) {
    const group = groups.get(keyOf(each))
    if (group) group.push(each)
    else groups.set(keyOf(each), [each])
  }
  return [...groups.values()]
}

/** Pairs of one prompt, each in the ranking that is being filled if its completions have room there. */
function joined(prompt: Prompt, pairs: readonly PreferencePair[], most: number): readonly Ranking[] {
  const made: { completions: Map<string, Completion>; pairs: RankedAs[] }[] = []
  for (const { chosen, rejected, margin } of pairs) {
    const open = made.at(-1)
    const keys = [chosen, rejected].map(sameCompletion)
    const isNew = !open || new Set([...open.completions.keys(), ...keys]).size > most
    if (isNew) made.push({ completions: new Map(), pairs: [] })
    const { completions, pairs: said } = made.at(-1)!
    for (const completion of [chosen, rejected])
      if (!completions.has(sameCompletion(completion)))
        completions.set(sameCompletion(completion), completion)
    const order = [...completions.keys()]
    const [better, worse] = keys.map((key) => order.indexOf(key)) as [number, number]
    said.push({ better, worse, margin })
  }
  return made.map(({ completions, pairs: said }) => ({
    prompt,
    completions: [...completions.values()],
    pairs: said,
  }))
}

/** Of each different completion the mean of its ratings. */
const worthsOf = (rated: readonly RatedText[]): readonly Worth[] =>
  groupedBy(rated, ({ completion }) => sameCompletion(completion)).map((of) => ({
    completion: of[0]!.completion,
    worth: of.reduce((sum, { rating }) => sum + rating, 0) / of.length,
  }))

function dealt(prompt: Prompt, worths: readonly Worth[], most: number): readonly Ranking[] {
  const hands = Math.ceil(worths.length / most)
  return Array.from({ length: hands }, (_, hand) => {
    const own = worths.filter((_each, index) => index % hands === hand)
    return {
      prompt,
      completions: own.map(({ completion }) => completion),
      worths: own.map(({ worth }) => worth),
      pairs: own.flatMap(({ worth }, better) =>
        own.flatMap(({ worth: other }, worse) => (worth > other ? [{ better, worse, margin: 1 }] : [])),
      ),
    }
  })
}
