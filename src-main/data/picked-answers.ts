/**
 * Rows that say which of several answers is better, laid flat into pairs, one a row: an index into a list of them, as
 * summarize-from-feedback and lm-human-preferences have it, and several answers on a side. Beside them verl's reference
 * answer, which stands in an object.
 */
import { isObject, unpacked, type Fields } from './shapes/json-value'
import type { RowBatch, SourceRow } from './rows'

/** What a list of answers is called, and what says which of them is better, or worse. */
const lists = ['responses', 'completions', 'answers', 'outputs', 'generations', 'candidates', 'summaries']
const better = [
  'chosen',
  'chosen_index',
  'chosen_idx',
  'best',
  'best_index',
  'best_idx',
  'choice',
  'preferred',
]
const worse = ['rejected', 'rejected_index', 'rejected_idx', 'worst', 'worst_index', 'worst_idx']
const SAMPLE = /^sample_?\d+$/

/** Those that make pairs of rows though no shape has them. */
export const pickedColumns = (found: readonly string[]): readonly string[] =>
  found.filter((name) => isTaken(name.trim().toLowerCase()) || name === 'info' || name === 'reward_model')

const isTaken = (name: string): boolean =>
  lists.includes(name) || better.includes(name) || worse.includes(name) || SAMPLE.test(name)

/** Most batches have no such row, and are handed on as they are. */
export function withPairsApart(batch: RowBatch): RowBatch {
  const rows = batch.rows.flatMap(pairsApart)
  const isSame = rows.length === batch.rows.length && rows.every((row, index) => row === batch.rows[index])
  return isSame ? batch : { ...batch, rows, ...columnsLeft(batch.columns, rows) }
}

/** What was laid out into pairs is read, and no column of its own any more. */
function columnsLeft(columns: RowBatch['columns'], rows: RowBatch['rows']): Pick<RowBatch, 'columns'> {
  if (!columns) return {}
  const gone = pickedColumns(columns).filter((name) => !rows.some(({ values }) => name in values))
  return { columns: columns.filter((name) => !gone.includes(name)) }
}

/** The row as it is, unless it is one of those. */
function pairsApart(row: SourceRow): readonly SourceRow[] {
  const { values } = row
  const truth = values['reward_model']
  if (isObject(truth) && 'ground_truth' in truth && !('ground_truth' in values))
    return [
      { ...row, values: { ...withoutNames(values, ['reward_model']), ground_truth: truth['ground_truth'] } },
    ]
  return picked(row) ?? severalSided(row)
}

/** One that is better beside the others, or beside the one that is worse. */
function picked(row: SourceRow): readonly SourceRow[] | undefined {
  const { values } = row
  const place = nameIn(values, better)
  const index = place === undefined ? undefined : indexIn(values[place])
  if (place === undefined || index === undefined) return undefined
  const found = answersIn(values)
  const answer = found?.answers[index]
  if (!found || answer === undefined) return undefined
  const lost = nameIn(values, worse)
  const worst = lost === undefined ? undefined : indexIn(values[lost])
  const others = found.answers.filter((_, at) => (worst === undefined ? at !== index : at === worst))
  const kept = withoutNames(values, [place, ...(worst === undefined ? [] : [lost ?? '']), ...found.names])
  return others.map((rejected) => ({ ...row, values: { ...withPost(kept), chosen: answer, rejected } }))
}

/** A list of texts on either side: each of the one beside each of the other. */
function severalSided(row: SourceRow): readonly SourceRow[] {
  const { chosen, rejected } = row.values
  if (!Array.isArray(chosen) && !Array.isArray(rejected)) return [row]
  const [good, bad] = [textsIn(chosen), textsIn(rejected)]
  if (!good || !bad || (good.length === 1 && good[0] === chosen && bad[0] === rejected)) return [row]
  return good.flatMap((one) =>
    bad.map((other) => ({ ...row, values: { ...row.values, chosen: one, rejected: other } })),
  )
}

function textsIn(value: unknown): readonly string[] | undefined {
  const list = Array.isArray(value) ? (value as readonly unknown[]) : [value]
  return list.length > 0 && list.every((each) => typeof each === 'string') ? list : undefined
}

interface Answers {
  readonly answers: readonly unknown[]
  readonly names: readonly string[]
}

/** A list of texts, or of objects with a text each; or lm-human-preferences' columns, one a sample. */
function answersIn(values: Fields): Answers | undefined {
  const name = nameIn(values, lists)
  const list = name === undefined ? undefined : unpacked(values[name])
  if (name !== undefined && Array.isArray(list)) {
    const answers = list as readonly unknown[]
    return answers.every((each) => typeof each === 'string' || isObject(each))
      ? { answers, names: [name] }
      : undefined
  }
  const names = Object.keys(values)
    .filter((each) => SAMPLE.test(each))
    .toSorted((one, other) => numberOf(one) - numberOf(other))
  const answers = names.map((each) => values[each])
  return names.length > 1 && answers.every((each) => typeof each === 'string')
    ? { answers, names }
    : undefined
}

const numberOf = (name: string): number => Number(/\d+/.exec(name)?.[0])

/** What summaries are of stands inside "info". */
function withPost(values: Fields): Fields {
  const { info } = values
  const post = isObject(info) ? (info['post'] ?? info['article']) : undefined
  return typeof post === 'string'
    ? { ...withoutNames(values, ['info']), prompt: values['prompt'] ?? post }
    : values
}

function indexIn(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value.trim()) ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 ? number : undefined
}

function nameIn(values: Fields, names: readonly string[]): string | undefined {
  for (const name in values) if (names.includes(name.toLowerCase()) && isSaid(values[name])) return name
  return undefined
}

const isSaid = (value: unknown): boolean => value !== null && value !== undefined

const withoutNames = (values: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)))
