/** The columns of Arrow data. */
import { numberIn, tableIn, tablesIn, textIn, type Table } from './flatbuffer'

export interface ArrowField {
  readonly name: string
  /** By Arrow's number of types (Schema.fbs). */
  readonly type: number
  /** Bytes of a value of fixed size; elements of a list of fixed size. */
  readonly width: number
  readonly isSigned: boolean
  readonly children: readonly ArrowField[]
  /** The dictionary whose places stand here instead of values, and what those are. */
  readonly dictionary: { readonly id: number; readonly places: ArrowField } | undefined
}

export const types = {
  null: 1,
  int: 2,
  float: 3,
  binary: 4,
  utf8: 5,
  bool: 6,
  decimal: 7,
  date: 8,
  time: 9,
  timestamp: 10,
  list: 12,
  struct: 13,
  fixedBinary: 15,
  fixedList: 16,
  map: 17,
  duration: 18,
  largeBinary: 19,
  largeUtf8: 20,
  largeList: 21,
  binaryView: 23,
  utf8View: 24,
}

const DEEPEST = 40
const MOST_FIELDS = 20_000

export function fieldsOf(schema: Table): readonly ArrowField[] {
  let fields = 0
  const read = (table: Table, depth: number): ArrowField => {
    if (depth > DEEPEST || ++fields > MOST_FIELDS) throw new Error('it has too many columns')
    const type = numberIn(table, 2, 1)
    const facts = tableIn(table, 3)
    const dictionary = tableIn(table, 4)
    return {
      name: textIn(table, 0),
      type,
      width: widthOf(type, facts),
      isSigned: type !== types.int || (facts !== undefined && numberIn(facts, 1, 1) !== 0),
      children: tablesIn(table, 5).map((child) => read(child, depth + 1)),
      dictionary: dictionary && { id: numberIn(dictionary, 0, 8), places: placesOf(dictionary) },
    }
  }
  return tablesIn(schema, 1).map((table) => read(table, 0))
}

function placesOf(dictionary: Table): ArrowField {
  const facts = tableIn(dictionary, 1)
  return {
    name: '',
    type: types.int,
    width: facts ? numberIn(facts, 0, 4) / 8 : 4,
    isSigned: !facts || numberIn(facts, 1, 1) !== 0,
    children: [],
    dictionary: undefined,
  }
}

function widthOf(type: number, facts: Table | undefined): number {
  if (!facts) return 0
  if (type === types.int) return numberIn(facts, 0, 4) / 8
  if (type === types.float) return 2 << numberIn(facts, 0, 2)
  if (type === types.fixedBinary || type === types.fixedList) return numberIn(facts, 0, 4)
  if (type === types.decimal) return numberIn(facts, 2, 4, 128) / 8
  if (type === types.date) return numberIn(facts, 0, 2, 1) === 0 ? 4 : 8
  if (type === types.time) return numberIn(facts, 1, 4, 32) / 8
  return 8
}
