/** Which shape a file's rows have, told by its columns and its first row; or why none fits, and what would. */
import type { DatasetKind } from '../../src-shared/records/dataset'
import { shapes } from './shapes'
import { columnNames, columnsIn, type Values } from './shapes/columns'
import type { Reading, RowShape } from './shapes/shape'

export interface Fitting {
  readonly shape: RowShape
  readonly reading: Reading<string>
}

const readings: readonly Fitting[] = shapes.flatMap((shape) =>
  shape.readings.map((reading) => ({ shape, reading })),
)

const offered = readings.filter(({ reading }) => !reading.isOnlyAsked)
const asked = readings.filter(({ reading }) => reading.isOnlyAsked)

/** The first reading that fits; those that are only asked for come after all others. */
export function fittingReading(
  first: Values,
  found: readonly string[],
  wanted?: DatasetKind,
): Fitting | undefined {
  const fits = (each: Fitting): boolean => fitsIn(first, found, each)
  if (wanted !== undefined)
    return [...offered, ...asked].filter(({ reading }) => reading.kind === wanted).find(fits)
  const fitting = offered.find(fits)
  return fitting && droppedAnswers(found, fitting) === undefined ? fitting : undefined
}

function fitsIn(first: Values, found: readonly string[], { shape, reading }: Fitting): boolean {
  const columns = columnsIn(shape.names, found)
  const hasAll = reading.needs.every((meaning) => columns[meaning] !== undefined)
  return hasAll && (reading.fits?.(first, columns) ?? true)
}

/** Words in the names of columns that hold what a model is to answer, or not to. */
const ANSWERS =
  /respon[sd]|answer|completion|output|generation|solution|steps|repl(?:y|ies)|chosen|reject|prefer|accept|choice|option|^sample_?\d/i
const SIDES =
  /(?:^|_)(?:win|lose|good|bad|better|worse|positive|negative|pos|neg|correct|incorrect|targets?)(?:_|$)/i
const NO_ANSWERS = /score|rating|count|length|id$/i

/** What a reading by the columns that are known would drop; undefined when it would drop no answer. */
function droppedAnswers(found: readonly string[], { shape, reading }: Fitting): string | undefined {
  const { chosen, rejected } = columnsIn(
    { chosen: columnNames.chosen, rejected: columnNames.rejected },
    found,
  )
  if ((chosen === undefined) !== (rejected === undefined) && !reading.needs.includes('rejected'))
    return `"${chosen === undefined ? 'chosen' : 'rejected'}" is missing`
  if (reading.kind !== 'prompts') return undefined
  const known = Object.values(columnsIn(shape.names, found))
  const answers = found.filter(
    (name) => (ANSWERS.test(name) || SIDES.test(name)) && !NO_ANSWERS.test(name) && !known.includes(name),
  )
  return answers.length === 0
    ? undefined
    : `${listedNames(answers)} ${answers.length === 1 ? 'is' : 'are'} not known, and the prompts alone would ` +
        `be left. Say what they are by ${MAPPING}, or ask for prompts`
}

/** Where each way to import has it. */
const MAPPING = 'a mapping of columns (--map on the command line)'

const listedNames = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(' and ')

/** Why no reading fits, and what would. */
export function unfitting(first: Values, found: readonly string[], wanted?: DatasetKind): string {
  const shown = found.slice(0, 12).map((name) => `"${name}"`)
  const there = shown.length === 0 ? 'no columns' : shown.join(', ')
  if (wanted !== undefined) return `as ${wanted} it needs ${waysOf(wanted).join(', or ')}; found ${there}`
  const fitting = offered.find((each) => fitsIn(first, found, each))
  const dropped = fitting && droppedAnswers(found, fitting)
  if (dropped !== undefined) return `${dropped}; found ${there}`
  const advice = missingPart(found) ?? `Name them ${listed(waysOf())}; or say what they are by ${MAPPING}`
  return `no known columns: found ${there}. ${advice}`
}

/**
 * The columns of each way to have a dataset, of a kind or of any, as one would name them. A way that asks for
 * all that another asks for, and more, is not named.
 */
function waysOf(kind?: DatasetKind): readonly string[] {
  const ways = offered
    .filter(({ reading }) => !reading.isNotNamed && (kind === undefined || reading.kind === kind))
    .map(({ shape, reading }) => reading.needs.map((meaning) => named(shape, meaning)))
  const needed = ways.filter(
    (way) => !ways.some((other) => other.length < way.length && isWithin(other, way)),
  )
  return [...new Set(needed.map((way) => way.join(' and ')))]
}

const isWithin = (part: readonly string[], all: readonly string[]): boolean =>
  part.length > 1 && part.every((name) => all.includes(name))

/** What is missing, when a part of what a shape needs is there: of the shape that lacks the least. */
function missingPart(found: readonly string[]): string | undefined {
  const begun = offered.flatMap(({ shape, reading }) => {
    if (reading.isNotNamed) return []
    const columns = columnsIn(shape.names, found)
    const missing = reading.needs.filter((meaning) => columns[meaning] === undefined)
    const isBegun = missing.length > 0 && missing.length < reading.needs.length
    return isBegun ? [missing.map((meaning) => named(shape, meaning))] : []
  })
  const [least] = begun.toSorted((a, b) => a.length - b.length)
  return least && `${least.join(' and ')} ${least.length === 1 ? 'is' : 'are'} missing`
}

const named = (shape: RowShape, meaning: string): string => `"${shape.names[meaning]?.[0] ?? meaning}"`

const listed = (ways: readonly string[]): string => `${ways.slice(0, -1).join('; ')}; or ${ways.at(-1) ?? ''}`
