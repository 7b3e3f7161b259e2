/**
 * Several answers to a prompt, each with its place or its score: Nectar's `answers` with a `rank`, UltraFeedback's
 * `completions` with their ratings, and lists of texts with a list of ranks or scores beside them.
 */
import type { Candidate, ExampleParts } from '../../../src-shared/records/example'
import { LeftOut, RowProblem } from '../refuse'
import { notBlank } from './cells'
import { columnNames, type Columns, type Values } from './columns'
import { besideNames } from './conversation-columns'
import { answered } from './demonstration'
import { isObject, unpacked, type Fields } from './json-value'
import type { RowShape } from './shape'
import { messagesIn } from './turns'

type Meaning = 'prompt' | 'context' | 'candidates' | 'ranks' | 'scores' | keyof typeof besideNames
type RankingColumns = Columns<Meaning>
type Ranking = Required<Pick<ExampleParts, 'prompt' | 'completion' | 'candidates'>>

export const ranking: RowShape<Meaning> = {
  name: 'ranking',
  names: {
    prompt: columnNames.prompt,
    context: columnNames.context,
    candidates: ['candidates', 'completions', 'responses', 'answers', 'outputs', 'generations'],
    ranks: ['ranks', 'rank', 'ranking'],
    scores: ['scores', 'ratings', 'rewards'],
    ...besideNames,
  },
  readings: [
    { kind: 'rankings', needs: ['prompt', 'candidates'], fits: isRanked, read: rankingIn },
    {
      kind: 'preferences',
      needs: ['prompt', 'candidates'],
      isOnlyAsked: true,
      fits: isRanked,
      read: (values, columns) => {
        const { prompt, completion, candidates } = rankingIn(values, columns)
        return { prompt, completion, rejected: candidates.at(-1)?.completion ?? completion }
      },
    },
  ],
}

/** What an answer is called in an object, and what says how good it is. */
const textNames = ['answer', 'response', 'completion', 'output', 'text', 'content']
const scoreNames = ['score', 'overall_score', 'rating', 'reward', 'fine-grained_score']

function isRanked(first: Values, columns: RankingColumns): boolean {
  const list = unpacked(first[columns.candidates ?? ''])
  if (!Array.isArray(list) || list.length === 0) return false
  const [one] = list as readonly unknown[]
  const hasListed = [columns.ranks, columns.scores].some((name) => Array.isArray(unpacked(first[name ?? ''])))
  if (typeof one === 'string') return hasListed
  if (Array.isArray(one)) return hasListed
  return (
    isObject(one) && textNames.some((name) => typeof one[name] === 'string') && (hasListed || saysWorth(one))
  )
}

/** A rating may be missing here and there. */
const saysWorth = (one: Fields): boolean =>
  worthOf(one) !== undefined || isObject(one['annotations']) || scoreNames.some((name) => name in one)

/** @throws LeftOut when nobody is better than another */
function rankingIn(values: Values, columns: RankingColumns): Ranking {
  const { candidates: name = 'candidates' } = columns
  const list = unpacked(values[name])
  if (list === undefined || list === null) throw new LeftOut('has no answers that are ranked')
  if (!Array.isArray(list)) throw new RowProblem(`"${name}" is not a list of answers`)
  const worths = listedWorths(values, columns, list.length)
  const read = list.map((each: unknown, index) => {
    const where = `"${name}" ${index + 1}`
    const text = isObject(each)
      ? textNames.map((key) => each[key]).find((one) => typeof one === 'string')
      : each
    if (typeof text !== 'string' && !messagesIn(each)) throw new RowProblem(`${where} has no text`)
    const score = worths ? worths[index] : isObject(each) ? worthOf(each) : undefined
    const said = typeof text === 'string' ? notBlank(text, name) : each
    const { prompt, completion } = answered({ ...values, [name]: said }, columns, name)
    return { prompt, completion, score }
  })
  const rated = read.flatMap(({ completion, score }): Candidate[] =>
    score === undefined ? [] : [{ completion, score }],
  )
  const candidates = rated.toSorted((a, b) => b.score - a.score)
  const [best] = candidates
  if (!best || best.score === candidates.at(-1)?.score)
    throw new LeftOut('has no two answers of which one is better')
  return { prompt: read[0]?.prompt ?? '', completion: best.completion, candidates }
}

/** Of the lists beside the answers; a place is the better the lower it is. @throws RowProblem */
function listedWorths(
  values: Values,
  { ranks, scores }: RankingColumns,
  length: number,
): readonly (number | undefined)[] | undefined {
  const name = ranks ?? scores
  const list = name === undefined ? undefined : unpacked(values[name])
  if (!Array.isArray(list)) return undefined
  if (list.length !== length)
    throw new RowProblem(`"${name ?? ''}" has ${list.length} values for ${length} answers`)
  const sign = ranks === undefined ? 1 : -1
  return list.map((each) => withSign(numberIn(each), sign))
}

/** A rank, a score, or the mean of several ratings. */
function worthOf(answer: Readonly<Record<string, unknown>>): number | undefined {
  const rank = numberIn(answer['rank'])
  if (rank !== undefined) return -rank
  const score = scoreNames.map((name) => numberIn(answer[name])).find((value) => value !== undefined)
  return score ?? meanRating(answer['annotations'])
}

function meanRating(annotations: unknown): number | undefined {
  if (!isObject(annotations)) return undefined
  const ratings = Object.values(annotations).flatMap((each) => {
    const rating = isObject(each) ? numberIn(each['Rating']) : undefined
    return rating === undefined ? [] : [rating] // "N/A" is none
  })
  return ratings.length === 0 ? undefined : ratings.reduce((sum, each) => sum + each, 0) / ratings.length
}

const withSign = (value: number | undefined, sign: number): number | undefined =>
  value === undefined ? undefined : sign * value

function numberIn(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}
