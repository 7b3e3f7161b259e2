/** A run's reward terms at work: each scores the same texts, and the policy learns from their weighted sum. */
import { termPlaces, type TermPlace } from '../../src-shared/metrics'
import { StudioFailure } from '../../src-shared/result'
import { rewardSources, type RewardSourceName } from '../../src-shared/rewards/rewards'
import { checkpointInputOf, modelOf, type RewardTerm } from '../../src-shared/rewards/terms'
import type { Engine } from '../compute/engine'
import type { Measured, Opening, ReadRewardModel, References, Reward, RewardPart, ScoredText } from './reward'
import { RewardFailure } from './reward-failure'
import { rewardRows } from './rewards'

/** Opens what a run's terms score with: its reward model, and each source. */
export interface TermOpener {
  rewardModel(input: string): Promise<ReadRewardModel>
  /** By the sameness of a prompt: the completions that stand beside it. */
  references(input: string): References
  reward(source: RewardSourceName, opening: Opening): Reward
  /** Waited for before a failure is thrown. */
  readonly leave?: () => Promise<void>
}

/** The run's input whose rows have the references, for sources that compare with them. */
const prompts = 'prompts'

/** @throws StudioFailure when a prompt has no reference and a source compares with them */
export async function openTerms(
  engine: Engine,
  terms: readonly RewardTerm[],
  given: TermOpener,
): Promise<readonly OpenTerm[]> {
  const open: OpenTerm[] = []
  for (const term of terms) {
    const { source, weight, settings } = term
    const input = checkpointInputOf(term)
    const score = given.reward(source, {
      engine,
      settings,
      ...(input !== undefined && { model: await given.rewardModel(input) }),
      ...referencesOf(source, given),
    })
    open.push({
      source,
      place: placeOf(term, open),
      weight,
      score,
      ...(given.leave && { leave: given.leave }),
    })
  }
  return open
}

/** Which of the terms of its source a term is: a reward model by its number, any other in the order of the sum. */
const placeOf = (term: RewardTerm, before: readonly OpenTerm[]): TermPlace =>
  checkpointInputOf(term) === undefined
    ? (termPlaces[before.filter(({ source }) => source === term.source).length] ?? 1)
    : (termPlaces.find((place) => place === modelOf(term.settings)) ?? 1)

function referencesOf(source: RewardSourceName, given: TermOpener): Pick<Opening, 'references'> {
  const { references } = rewardSources[source]
  if (references === undefined) return {}
  const found = given.references(prompts)
  return { references: references === 'needed' ? soundReferences(found, source) : found }
}

function soundReferences(references: References, source: RewardSourceName): References {
  const alone = [...references].filter(([, found]) => found.length === 0)
  if (alone.length === 0) return references
  const problem =
    `has ${alone.length} of ${references.size} prompts without a completion beside them, such as ` +
    `“${alone[0]?.[0].slice(0, 80)}”: ${source} has nothing there to compare with`
  throw new StudioFailure({ kind: 'refused-settings', problems: [{ field: 'prompts', problem }] })
}

/** What the terms hold in memory beside the engine, in bytes: each source once. */
export const workspaceBytesOf = (terms: readonly RewardTerm[]): number =>
  [...new Set(terms.map(({ source }) => source))].reduce(
    (sum, source) => sum + rewardRows[source].workspaceBytes,
    0,
  )

export interface OpenTerm {
  readonly source: RewardSourceName
  /** Among the terms of its source, from 1: what tells their curves apart. */
  readonly place: TermPlace
  /** 0: watched, trains nothing. */
  readonly weight: number
  readonly score: Reward
  readonly leave?: () => Promise<void>
}

/** Scores of the same texts, each one number a text. */
export interface Scores {
  /** Σ weight · score over the terms. */
  readonly reward: readonly number[]
  /** Those of the first term that is only watched; undefined where none is. */
  readonly judged?: readonly number[]
  /** By term, before its weight. */
  readonly terms: readonly TermScores[]
  /** Of each text the parts of its reward, where some term's is made of parts and that was asked for. */
  readonly parts?: readonly (readonly RewardPart[])[]
  /** What sources say beside their scores, since they were last asked. */
  readonly said?: () => Measured
}

export interface TermScores extends Omit<OpenTerm, 'score' | 'leave'> {
  readonly scores: readonly number[]
  /** What each is made of. */
  readonly parts?: readonly (readonly RewardPart[])[]
}

/** @param how whether rewards that are made of parts are asked for those */
export async function scoresOf(
  terms: readonly OpenTerm[],
  texts: readonly ScoredText[],
  { inParts = false } = {},
): Promise<Scores> {
  const scored: TermScores[] = []
  for (const term of terms) scored.push(await scoredBy(term, texts, inParts))
  const judged = scored.find(({ weight }) => weight === 0)?.scores
  return {
    reward: texts.map((_, index) => weightedSum(scored, index)),
    terms: scored,
    said: () => saidBy(terms),
    ...(judged && { judged }),
    ...(scored.some(({ parts, weight }) => parts && weight !== 0) && {
      parts: texts.map((text, index) => weightedParts(scored, text, index)),
    }),
  }
}

/** Several judges' counts are added; a share is the mean of theirs. */
function saidBy(terms: readonly OpenTerm[]): Measured {
  const all = terms.flatMap(({ score }) => Object.entries(score.measured?.() ?? {}))
  const names = [...new Set(all.map(([name]) => name))]
  return Object.fromEntries(
    names.map((name) => {
      const values = all.flatMap(([each, value]) => (each === name ? [value] : []))
      const sum = values.reduce((total, value) => total + value, 0)
      return [name, shares.has(name) ? sum / values.length : sum]
    }),
  )
}
const shares: ReadonlySet<string> = new Set(['judge/inconsistent', 'judge/unreadable'])

/** @throws RewardFailure when a source fails or a score is no finite number: nothing is learned from it */
async function scoredBy(
  { score, leave, ...term }: OpenTerm,
  texts: readonly ScoredText[],
  inParts: boolean,
): Promise<TermScores> {
  const name = term.place === 1 ? term.source : `${term.source} ${term.place}`
  try {
    if (!inParts || !score.inParts) return { ...term, scores: await soundScores(name, score, texts) }
    let parts: readonly (readonly RewardPart[])[] = []
    const summed: Reward = async (given) => {
      parts = (await score.inParts?.(given)) ?? []
      return parts.map((each) => each.reduce((sum, { reward }) => sum + reward, 0))
    }
    return { ...term, scores: await soundScores(name, summed, texts), parts }
  } catch (error) {
    await leave?.()
    throw error
  }
}

async function soundScores(
  name: string,
  score: Reward,
  texts: readonly ScoredText[],
): Promise<readonly number[]> {
  const scores = await score(texts).catch((error: Error) => {
    throw new RewardFailure(`The reward ${name} cannot score: ${error.message}`, { cause: error })
  })
  if (scores.length !== texts.length)
    throw new RewardFailure(
      `The reward ${name} gave ${scores.length} scores for ${texts.length} completions.`,
    )
  const wrong = scores.findIndex((each) => !Number.isFinite(each))
  if (wrong !== -1)
    throw new RewardFailure(
      `The reward ${name} scored ${scores[wrong]}, which is no finite number, for the completion ` +
        `“${texts[wrong]?.completion.slice(0, 80)}”.`,
    )
  return scores
}

function weightedSum(terms: readonly TermScores[], index: number): number {
  let sum = 0
  for (const { weight, scores } of terms) if (weight !== 0) sum += weight * (scores[index] as number)
  return sum
}

/** A reward that is not made of parts is one, at the end. */
const weightedParts = (
  terms: readonly TermScores[],
  { completion }: ScoredText,
  index: number,
): readonly RewardPart[] =>
  terms
    .filter(({ weight }) => weight !== 0)
    .flatMap(({ weight, scores, parts }) =>
      (parts?.[index] ?? [{ after: completion.length, reward: scores[index] as number }]).map(
        ({ after, reward }) => ({ after, reward: weight * reward }),
      ),
    )
