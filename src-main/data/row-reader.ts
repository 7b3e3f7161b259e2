/**
 * A row's values as the parts of an example. All rows together decide what the columns are; a row that lacks
 * a part refuses the file.
 */
import type { DatasetKind, ReadColumns, ReadingWish } from '../../src-shared/records/dataset'
import type { ExampleParts } from '../../src-shared/records/example'
import { laidOver, refuseMissing } from './column-mapping'
import { MOST_COLUMNS, type Survey } from './column-survey'
import { fittingReading, unfitting } from './fitting-shape'
import { RowProblem } from './refuse'
import { shapes } from './shapes'
import { wellFormed } from './shapes/cells'
import { columnNames, columnsIn, type Columns, type Values } from './shapes/columns'
import { labelIn, labelOf } from './shapes/labels'
import { isMargin, marginOf, marginOfScores } from './shapes/margins'
import { renamedIn, type Renamed } from './shapes/renamed-roles'

export interface RowReader {
  readonly kind: DatasetKind
  /** What is read of the file's columns, and what is not. */
  readonly columns: ReadColumns
  /** @throws RowProblem */
  readonly read: (values: Values) => ExampleParts
  /** Whom a row's turns are from by other names than those they are read as. */
  readonly renamed: (values: Values) => readonly Renamed[]
}

/** @throws RowProblem, when the columns make no dataset of the wanted kind, or of any */
export function rowReader(survey: Survey, { kind, columns }: ReadingWish = {}): RowReader {
  if (columns === undefined) return readerOf(survey, kind)
  refuseMissing(columns, survey.first)
  const { apply, named } = laidOver(columns)
  const first = apply(survey.first)
  const reader = readerOf({ ...survey, first, found: Object.keys(first) }, kind)
  return {
    ...reader,
    columns: named(reader.columns),
    read: (values) => reader.read(apply(values)),
    renamed: (values) => reader.renamed(apply(values)),
  }
}

function readerOf({ found, first, unasked }: Survey, wanted?: DatasetKind): RowReader {
  if (found.length > MOST_COLUMNS)
    throw new RowProblem(`its rows have more than ${MOST_COLUMNS} different columns`)
  const fitting = fittingReading(first, found, wanted)
  if (!fitting) throw new RowProblem(unfitting(first, [...found, ...unasked], wanted))
  const { shape, reading } = fitting
  const columns = columnsIn(shape.names, found)
  const others = found.filter((name) => name === columns['label'] || !Object.values(columns).includes(name))
  const beside = besideReader(reading.kind, first, others)
  const used = withoutTwice({
    ...beside.columns,
    ...reading.uses?.(columns, first),
    ...(!reading.uses && columns),
  })
  const read = namesRead(used)
  return {
    kind: reading.kind,
    columns: {
      read,
      unread: [...found, ...unasked].filter((name) => !Object.values(used).includes(name)),
    },
    read: (values) => ({
      ...reading.read(withPrompt(values, reading.kind, columns), columns),
      ...beside.read(values),
    }),
    renamed: (values) => read.flatMap(({ column }) => renamedIn(values[column])),
  }
}

/** A prompt is not what it is about, too. */
const withoutTwice = (used: Columns<string>): Columns<string> =>
  Object.fromEntries(
    Object.entries(used).filter(([meaning, name]) => meaning !== 'context' || name !== used['prompt']),
  )

/** A pair may stand for itself: where other rows have a prompt, it is the answer to an empty one. */
function withPrompt(values: Values, kind: DatasetKind, { prompt }: Columns<string>): Values {
  const lacksOne = prompt !== undefined && (values[prompt] === null || values[prompt] === undefined)
  return kind === 'preferences' && lacksOne ? { ...values, [prompt]: '' } : values
}

const namesRead = (used: Columns<string>): ReadColumns['read'] =>
  Object.entries(used).flatMap(([meaning, column]) => (column === undefined ? [] : [{ column, as: meaning }]))

/** The columns that mean something in any shape. */
export function meantColumns(found: readonly string[]): readonly string[] {
  const names = [besideNames, ...shapes.map((shape) => shape.names)]
  const meant = names.flatMap((each) => Object.values(columnsIn<string>(each, found)))
  return found.filter((name) => meant.includes(name))
}

/** What each of a pair is worth, whose distance says how much better one is: UltraFeedback's, Tülu's. */
const scoreNames = {
  chosenScore: [
    'score_chosen',
    'chosen_score',
    'chosen_rating',
    'rating_chosen',
    'chosen_reward',
    'reward_chosen',
  ],
  rejectedScore: [
    ...[
      'rejected_score',
      'score_rejected',
      'rejected_rating',
      'rating_rejected',
      'rejected_reward',
      'reward_rejected',
    ],
  ],
}

/** Columns that may stand beside those of any shape. */
const besideNames = {
  source: columnNames.source,
  label: [...columnNames.label, ...columnNames.rating],
  margin: columnNames.margin,
  ...scoreNames,
}

interface Beside {
  readonly columns: Readonly<Record<string, string>>
  readonly read: (values: Values) => Pick<ExampleParts, 'label' | 'source' | 'margin'>
}

/** What stands beside any example: its source; beside a demonstration a label, beside a pair its margin. */
function besideReader(kind: DatasetKind, first: Values, found: readonly string[]): Beside {
  const { source, label, margin, ...scores } = columnsIn(besideNames, found)
  const isLabelled = kind === 'demonstrations' && label !== undefined && labelIn(first[label]) !== undefined
  const hasMargin = kind === 'preferences' && margin !== undefined && isMargin(first[margin])
  const gap = kind === 'preferences' && !hasMargin ? gapBetween(scores, first) : undefined
  const isNamed = source !== undefined && 'source' in sourceOf(first[source])
  return {
    columns: {
      ...(isNamed && { source }),
      ...(isLabelled && { label }),
      ...(hasMargin && { margin }),
      ...gap,
    },
    read: (values) => ({
      ...(isLabelled && { label: labelOf(values, label) }),
      ...(hasMargin && said(marginOf(values, margin))),
      ...(gap && said(marginOfScores(values, gap.chosenScore, gap.rejectedScore))),
      ...sourceOf(values[source ?? 'source']),
    }),
  }
}

/** Both scores of a pair, where they are numbers. */
function gapBetween(
  { chosenScore, rejectedScore }: Columns<keyof typeof scoreNames>,
  first: Values,
): { readonly chosenScore: string; readonly rejectedScore: string } | undefined {
  if (chosenScore === undefined || rejectedScore === undefined) return undefined
  const areNumbers = [chosenScore, rejectedScore].every((name) => isScore(first[name]))
  return areNumbers ? { chosenScore, rejectedScore } : undefined
}

const isScore = (value: unknown): boolean => value !== '' && Number.isFinite(Number(value ?? Number.NaN))

const said = (margin: ExampleParts['margin']): Pick<ExampleParts, 'margin'> =>
  margin === undefined ? {} : { margin }

function sourceOf(value: unknown): { readonly source?: string } {
  if (typeof value !== 'string' && typeof value !== 'number') return {}
  return value === '' ? {} : { source: wellFormed(String(value), 'source') }
}
