/**
 * Judgments that were made in the programs of others on this queue's items: records of Argilla 2, and what Label Studio
 * exports as JSON and as JSON-MIN. Which it is, the file shows. What is no judgment (skipped, cancelled, not answered)
 * is passed over and counted.
 */
import { z } from 'zod'
import { letterOf } from '../../src-shared/label-modes/letters'
import type { LabelModeName } from '../../src-shared/records/labelling'
import type { Verdict } from '../../src-shared/records/judgment'
import { StudioFailure } from '../../src-shared/result'
import { questionFor } from './tasks-elsewhere'

export interface JudgedElsewhere {
  readonly comparisonId: string
  readonly annotator: string
  /** What was shown there, by its names. */
  readonly task: Readonly<Record<string, unknown>>
  readonly verdict: Verdict | 'answer'
  readonly margin?: 'slightly'
  readonly answer?: unknown
}

/** What somebody answered there, before it is read as this queue's mode. */
interface Answered {
  readonly comparisonId: unknown
  readonly annotator: unknown
  readonly task: Readonly<Record<string, unknown>>
  readonly value: unknown
}

/** @throws StudioFailure refused-file, saying what is wrong with it */
export function judgmentsIn(
  text: string,
  file: string,
  mode: LabelModeName,
): { readonly judged: readonly JudgedElsewhere[]; readonly passedOver: number } {
  const question = questionFor(mode)
  const all = rowsIn(text, file).flatMap((row, index) => answersIn(row, question, file, index))
  const judged = all.flatMap(({ comparisonId, annotator, task, value }) => {
    const said = readAs[mode]?.(value)
    if (said === undefined || typeof comparisonId !== 'string') return []
    return [{ comparisonId, annotator: nameIn(annotator), task, ...said }]
  })
  return { judged, passedOver: all.length - judged.length }
}

function rowsIn(text: string, file: string): readonly Readonly<Record<string, unknown>>[] {
  const found = z.array(z.record(z.string(), z.unknown())).safeParse(jsonOf(text))
  if (found.success) return found.data
  throw refusal(file, 'is no list of objects in JSON, as Argilla and Label Studio write them')
}

const part = z.record(z.string(), z.unknown()).catch({})
const list = z.array(part).catch([])

/** By what a row has: `responses` in Argilla, `annotations` in Label Studio, and neither in its JSON-MIN. */
function answersIn(
  row: Readonly<Record<string, unknown>>,
  question: string,
  file: string,
  index: number,
): readonly Answered[] {
  if ('fields' in row && 'responses' in row) {
    const comparisonId = part.parse(row['metadata'])['comparison_id'] ?? row['id']
    const responses = list.parse(part.parse(row['responses'])[question])
    const task = part.parse(row['fields'])
    return responses.map(({ value, user_id: annotator }) => ({ comparisonId, annotator, task, value }))
  }
  if (Array.isArray(row['annotations'])) {
    const task = part.parse(row['data'])
    return list.parse(row['annotations']).map((annotation) => ({
      comparisonId: task['comparison_id'],
      annotator: annotation['completed_by'],
      task,
      value: annotation['was_cancelled'] === true ? undefined : resultOf(annotation['result'], question),
    }))
  }
  if ('comparison_id' in row)
    return [
      {
        ...{ comparisonId: row['comparison_id'], annotator: row['annotator'], task: row },
        value: unwrapped(row[question]),
      },
    ]
  throw refusal(file, 'knows no item of a queue: it has no comparison_id', index + 1)
}

const resultOf = (results: unknown, question: string): unknown =>
  list.parse(results).find(({ from_name: name }) => name === question)?.['value']

/** JSON-MIN has a list of one where the control is none of choices. */
const unwrapped = (value: unknown): unknown => (Array.isArray(value) ? (value as unknown[])[0] : value)

/** An address, a number of the program, or an object that has one. */
function nameIn(annotator: unknown): string {
  const { email, id } = part.parse(annotator)
  const name = email ?? id ?? annotator
  return typeof name === 'string' || typeof name === 'number' ? String(name).trim().slice(0, 80) : ''
}

type Said = Pick<JudgedElsewhere, 'verdict' | 'margin' | 'answer'>

const words: Readonly<Record<string, Said>> = {
  left: { verdict: 'left' },
  'slightly left': { verdict: 'left', margin: 'slightly' },
  tie: { verdict: 'tie' },
  'slightly right': { verdict: 'right', margin: 'slightly' },
  right: { verdict: 'right' },
  'both bad': { verdict: 'both-bad' },
}
const answer = (given: unknown): Said => ({ verdict: 'answer', answer: given })

/** A choice by its word: the word itself, or in the object of the control. */
function wordIn(value: unknown): string | undefined {
  const { selected, choices } = part.parse(value)
  const word = selected ?? unwrapped(choices) ?? value
  return typeof word === 'string' ? word : undefined
}

const readAs: Readonly<Partial<Record<LabelModeName, (value: unknown) => Said | undefined>>> = {
  pair: (value) => {
    const word = wordIn(value)
    return word !== undefined && Object.hasOwn(words, word) ? words[word] : undefined
  },
  rating: (value) => {
    const rating = part.parse(value)['rating'] ?? value
    return Number.isInteger(rating) && Number(rating) >= 1 ? answer({ rating }) : undefined
  },
  'yes-no': (value) => {
    const word = wordIn(value)
    return word === 'good' || word === 'bad' ? answer({ isGood: word === 'good' }) : undefined
  },
  ranking: (value) => {
    const groups = Array.isArray(value) ? ranked(list.parse(value)) : inOrder(part.parse(value)['ranker'])
    return groups.length === 0 ? undefined : answer({ groups })
  },
}

const indexOf = (letter: unknown): number =>
  Array.from({ length: 9 }, (_, index) => letterOf(index)).indexOf(String(letter))

/** Argilla: a rank each, from 1, the same where they are tied. */
function ranked(given: readonly Readonly<Record<string, unknown>>[]): readonly (readonly number[])[] {
  const placed = given.filter(({ rank }) => Number.isInteger(rank))
  const ranks = [...new Set(placed.map(({ rank }) => Number(rank)))].sort((a, b) => a - b)
  return ranks.map((rank) =>
    placed.filter((each) => each['rank'] === rank).map((each) => indexOf(each['value'])),
  )
}

/** Label Studio: their ids, the best first, in a bucket of whatever name. */
function inOrder(ranker: unknown): readonly (readonly number[])[] {
  const letters = Array.isArray(ranker) ? ranker : Object.values(part.parse(ranker))[0]
  return z
    .array(z.string())
    .catch([])
    .parse(letters)
    .map((letter) => [indexOf(letter)])
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const refusal = (file: string, problem: string, line?: number): StudioFailure =>
  new StudioFailure({
    kind: 'refused-file',
    file,
    problem: line === undefined ? problem : `item ${line} ${problem}`,
  })
