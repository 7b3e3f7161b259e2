/**
 * Two answers and who is better, in a column of its own: LMArena's conversations ("winner"), SHP's answers
 * ("labels"), PKU-SafeRLHF's ("better_response_id"), HelpSteer's with a strength ("overall_preference"), WebGPT's
 * with a score each.
 */
import { LeftOut, RowProblem } from '../refuse'
import { columnNames, type Columns, type Values } from './columns'
import { besideNames as allBeside } from './conversation-columns'
import { isObject } from './json-value'
import { labelIn } from './labels'
import { marginOfStrength } from './margins'
import { preferencePair } from './preference-pair'
import type { Reading, RowShape } from './shape'
import { besideTurns } from './turns-apart'
import { winnerOf, type Side } from './winner'

type Meaning =
  'prompt' | 'first' | 'second' | 'winner' | 'firstWins' | 'strength' | Scored | keyof typeof besideNames

/** A column "history" is the prompt of SHP, and no earlier turns. */
const { history: _, ...besideNames } = allBeside

/** What each of the two has of its own. */
type Scored = 'firstScore' | 'secondScore' | 'firstWon' | 'secondWon'

const answers = [
  'response',
  'answer',
  'completion',
  'output',
  'candidate',
  'option',
  'conversation',
  'human_ref',
]

/** "response_a", "responsea", "answer_a" … */
const marked = (mark: string): readonly string[] =>
  answers.flatMap((answer) => ['_', '', '-', ' '].map((between) => answer + between + mark))

/** "score_a", "rating_a" … */
const scored = (mark: string): readonly string[] =>
  ['score', 'rating', 'reward'].flatMap((score) => [`${score}_${mark}`, `${score}${mark}`])

/** LMSYS has a column for each way it may end: "winner_model_a", "winner_model_b", "winner_tie". */
const won = (mark: string): readonly string[] => [`winner_model_${mark}`, `winner_${mark}`]

/** The marks by which the two answers are told apart. */
export const judgedPairs: readonly RowShape<Meaning>[] = [
  judgedPair('judged-pair', 'a', 'b'),
  judgedPair('judged-pair-from-1', '1', '2'),
  judgedPair('judged-pair-from-0', '0', '1'),
]

function judgedPair(name: string, one: string, other: string): RowShape<Meaning> {
  const isLettered = one === 'a'
  const first = [...(isLettered ? ['first'] : []), ...marked(one)]
  const second = [...(isLettered ? ['second'] : []), ...marked(other)]
  /** "response_1" is no partner of "answer_2". */
  const areAPair = (columns: Columns<Meaning>): boolean =>
    first.indexOf(columns.first?.trim().toLowerCase() ?? '') ===
    second.indexOf(columns.second?.trim().toLowerCase() ?? '')
  return {
    name,
    names: {
      prompt: [...columnNames.prompt, 'history', 'post', 'context'],
      first,
      second,
      winner: [
        'winner',
        'better_response_id',
        'better',
        'choice',
        'best',
        'preference',
        'comparison',
        'label',
      ],
      firstWins: ['first_wins', 'labels'],
      firstScore: scored(one),
      secondScore: scored(other),
      firstWon: won(one),
      secondWon: won(other),
      strength: ['strength', 'overall_preference', 'preference_strength'],
      ...besideNames,
    },
    readings: [
      reading('winner', winnerOf, areAPair),
      reading('firstWins', truth, areAPair),
      reading('strength', bySign, areAPair),
      byScores(areAPair, 'firstWon', 'secondWon'),
      byScores(areAPair, 'firstScore', 'secondScore'),
    ],
  }
}

function reading(
  by: 'winner' | 'firstWins' | 'strength',
  judge: (value: unknown, columns: Columns<Meaning>) => Side | 'neither' | undefined,
  areAPair: (columns: Columns<Meaning>) => boolean,
): Reading<Meaning> {
  return {
    kind: 'preferences',
    needs: ['first', 'second', by],
    isNotNamed: true,
    fits: (_, columns) => areAPair(columns),
    uses: ({ prompt, first: a, second: b, [by]: judged, ...others }) => ({
      ...besideOf(others),
      ...(prompt !== undefined && { prompt }),
      ...(a !== undefined && { first: a }),
      ...(b !== undefined && { second: b }),
      ...(judged !== undefined && { [by]: judged }),
    }),
    read: (values, columns) => {
      const name = columns[by] ?? by
      const side = judge(placed(values, values[name]), columns)
      if (side === undefined)
        throw new RowProblem(
          `"${name}" is ${shown(values[name])}, which says of neither answer that it is better`,
        )
      if (side === 'neither') throw new LeftOut('has two answers of which neither is better')
      return {
        ...pairOf(values, columns, side),
        ...(by === 'strength' && { margin: marginOfStrength(values[name]) }),
      }
    },
  }
}

/** The winner may be called by the name of its model, or stand in what Label Studio says of a click. */
function placed(values: Values, winner: unknown): unknown {
  if (isObject(winner)) return winner['selected']
  const { model_a: one, model_b: other } = values
  if (typeof winner !== 'string' || one === other) return winner
  if (winner === one) return 'model_a'
  return winner === other ? 'model_b' : winner
}

/** Who has more is better. */
function byScores(
  areAPair: (columns: Columns<Meaning>) => boolean,
  one: Scored,
  other: Scored,
): Reading<Meaning> {
  return {
    fits: (_, columns) => areAPair(columns),
    kind: 'preferences',
    needs: ['first', 'second', one, other],
    isNotNamed: true,
    uses: ({ prompt, first, second, [one]: a, [other]: b, ...others }) => ({
      ...besideOf(others),
      ...(prompt !== undefined && { prompt }),
      ...(first !== undefined && { first }),
      ...(second !== undefined && { second }),
      ...(a !== undefined && { [one]: a }),
      ...(b !== undefined && { [other]: b }),
    }),
    read: (values, columns) => {
      const side = bySign(numberAt(values, columns[other] ?? other) - numberAt(values, columns[one] ?? one))
      if (side !== 'first' && side !== 'second')
        throw new LeftOut('has two answers of which neither is better')
      return pairOf(values, columns, side)
    },
  }
}

/** @throws RowProblem */
function numberAt(values: Values, name: string): number {
  const number = labelIn(values[name])
  if (number === undefined) throw new RowProblem(`"${name}" is ${shown(values[name])}, not a number`)
  return number
}

function pairOf(
  values: Values,
  columns: Columns<Meaning>,
  better: Side,
): ReturnType<Reading<Meaning>['read']> {
  const a = values[columns.first ?? 'first']
  const b = values[columns.second ?? 'second']
  const [pair] = preferencePair.readings
  const beside = Object.fromEntries(Object.values(besideOf(columns)).map((name) => [name, values[name]]))
  if (!pair) throw new Error('the shape of pairs has no reading')
  const turns = besideTurns(columns.prompt === undefined ? undefined : values[columns.prompt], a, b)
  if (turns)
    return pair.read(
      { ...beside, chosen: turns[better], rejected: turns[better === 'first' ? 'second' : 'first'] },
      { ...besideOf(columns), chosen: 'chosen', rejected: 'rejected' },
    )
  const prompt = columns.prompt === undefined ? {} : { prompt: values[columns.prompt] }
  return pair.read(
    { ...beside, ...prompt, chosen: better === 'first' ? a : b, rejected: better === 'first' ? b : a },
    {
      ...besideOf(columns),
      ...{ chosen: 'chosen', rejected: 'rejected' },
      ...('prompt' in prompt && { prompt: 'prompt' }),
    },
  )
}

/** A system prompt and what else stands beside a conversation, of the shape's columns. */
function besideOf(columns: Columns<string>): Columns<keyof typeof besideNames> {
  const names = Object.keys(besideNames)
  return Object.fromEntries(
    Object.entries(columns).filter(([meaning, name]) => names.includes(meaning) && name !== undefined),
  )
}

function truth(value: unknown): Side | undefined {
  const text = String(value).toLowerCase()
  if (text === '1' || text === 'true') return 'first'
  return text === '0' || text === 'false' ? 'second' : undefined
}

/** Below zero the first is better, above it the second. */
function bySign(value: unknown): Side | 'neither' | undefined {
  const number = typeof value === 'string' && value.trim() === '' ? NaN : Number(value)
  if (value === null || !Number.isFinite(number)) return undefined
  if (number === 0) return 'neither'
  return number < 0 ? 'first' : 'second'
}

const shown = (value: unknown): string =>
  value === undefined ? 'missing' : JSON.stringify(value).slice(0, 60)
