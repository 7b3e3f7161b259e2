/** What Parquet must know of JSON rows before the first is written: a type that holds every value of a column. */
import type { SchemaElement } from 'hyparquet'
import type { Json } from '../../../src-shared/records/turn'
import type { WrittenRow } from './form'

/** Nothing is known of it yet; a text; a number; a truth; a list; an object by its names. */
export type ValueType =
  | { readonly kind: 'nothing' | 'text' | 'number' | 'whole' | 'flag' | 'json' }
  | { readonly kind: 'list'; readonly of: ValueType }
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, ValueType> }

const nothing: ValueType = { kind: 'nothing' }

/**
 * Objects of which each row has its own names: a table would give every row the names of all. They are written as
 * JSON in a text, which whoever reads messages takes as well.
 */
const asJson = new Set(['tools', 'arguments'])

/** @returns one that holds what either holds */
export function joined(one: ValueType, other: ValueType): ValueType {
  if (one.kind === 'nothing' || one === other) return other
  if (other.kind === 'nothing') return one
  if (one.kind === 'list' && other.kind === 'list') return { kind: 'list', of: joined(one.of, other.of) }
  if (one.kind === 'object' && other.kind === 'object') return joinedObjects(one.fields, other.fields)
  if (one.kind === other.kind) return one
  const isNumber = ({ kind }: ValueType): boolean => kind === 'number' || kind === 'whole'
  return isNumber(one) && isNumber(other) ? { kind: 'number' } : { kind: 'json' }
}

function joinedObjects(
  one: ReadonlyMap<string, ValueType>,
  other: ReadonlyMap<string, ValueType>,
): ValueType {
  const names = new Set([...one.keys(), ...other.keys()])
  const field = (name: string): ValueType => joined(one.get(name) ?? nothing, other.get(name) ?? nothing)
  return { kind: 'object', fields: new Map([...names].map((name) => [name, field(name)])) }
}

export function typeOf(value: Json | undefined, name = ''): ValueType {
  if (value === null || value === undefined) return nothing
  if (asJson.has(name)) return { kind: 'json' }
  if (typeof value === 'string') return { kind: 'text' }
  if (typeof value === 'boolean') return { kind: 'flag' }
  if (typeof value === 'number')
    return { kind: Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? 'whole' : 'number' }
  if (isList(value)) return { kind: 'list', of: value.map((each) => typeOf(each)).reduce(joined, nothing) }
  const fields = Object.entries(value).map(([key, each]) => [key, typeOf(each, key)] as const)
  return { kind: 'object', fields: new Map(fields) }
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

/**
 * As Python writes it, with its spaces: a chat template sets a text as it is and an object so, and both are then the
 * same.
 */
const asPython = (value: Json): string =>
  JSON.stringify(value, null, 1).replace(/(,?)\n */g, (_, comma: string) => (comma === '' ? '' : ', '))

/** A value as its column's type has it. */
export function asTyped(value: Json | undefined, type: ValueType): unknown {
  if (value === null || value === undefined) return null
  if (type.kind === 'json') return typeof value === 'string' ? value : asPython(value)
  if (type.kind === 'list' && isList(value)) return value.map((each) => asTyped(each, type.of))
  if (type.kind === 'object' && typeof value === 'object' && !isList(value))
    return Object.fromEntries([...type.fields].map(([name, field]) => [name, asTyped(value[name], field)]))
  return value
}

/** The columns of rows, as Parquet lists them: each followed by what is in it. */
export const schemaOf = (columns: ReadonlyMap<string, ValueType>): SchemaElement[] => [
  { name: 'root', num_children: columns.size },
  ...[...columns].flatMap(([name, type]) => elementsOf(name, type)),
]

const leaves: Readonly<Record<string, Partial<SchemaElement>>> = {
  nothing: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  json: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  flag: { type: 'BOOLEAN' },
  whole: { type: 'INT32' },
  number: { type: 'DOUBLE' },
}

function elementsOf(name: string, type: ValueType): SchemaElement[] {
  if (type.kind === 'list')
    return [
      { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      ...elementsOf('element', type.of),
    ]
  if (type.kind === 'object')
    return [
      { name, repetition_type: 'OPTIONAL', num_children: type.fields.size },
      ...[...type.fields].flatMap(([field, of]) => elementsOf(field, of)),
    ]
  return [{ name, repetition_type: 'OPTIONAL', ...leaves[type.kind] }]
}

/** The types of all columns, row by row. */
export function columnTypes(): { look(row: WrittenRow): void; types(): ReadonlyMap<string, ValueType> } {
  const types = new Map<string, ValueType>()
  return {
    look(row) {
      for (const [name, value] of Object.entries(row))
        types.set(name, joined(types.get(name) ?? nothing, typeOf(value, name)))
    },
    types: () => types,
  }
}
