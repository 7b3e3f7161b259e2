/**
 * Rows of tables of tokens that an adapter has learned anew (`trainable_token_indices`): their numbers stand beside it
 * instead of the whole table. Source: peft, src/peft/tuners/trainable_tokens/layer.py.
 */
import type { ParameterSpec } from '../../compute/parameters'
import { isObject, shown, type JsonObject } from '../weights/json-file'
import { refuse } from '../weights/refusal'

/** Ids of the rows, by the end of the table's name. */
export type LearnedRows = ReadonlyMap<string, readonly number[]>

/** Where PEFT puts them, beneath the table's name. */
export const rowsName = (table: string): string => `${table}.token_adapter.trainable_tokens_delta`

/** @throws WeightsError when they are no ids */
export function learnedRowsIn(json: JsonObject): LearnedRows {
  const said = json['trainable_token_indices'] ?? {}
  // a list is of the embedding, whatever it is called
  const lists = isObject(said) ? Object.entries(said) : [['', said] as const]
  return new Map(
    lists.map(([table, ids]) => [
      table,
      Array.isArray(ids) && ids.every((id) => Number.isSafeInteger(id) && (id as number) >= 0)
        ? (ids as readonly number[])
        : refuse(`its trainable_token_indices are ${shown(said)}, no ids of tokens`),
    ]),
  )
}

/**
 * The ids of a table.
 * @param spec of the model, whose table has as many rows as it has tokens
 * @throws WeightsError when it has no such row
 */
export function rowsOf(
  rows: LearnedRows,
  table: string,
  { spec, isEmbedding }: { readonly spec: ParameterSpec; readonly isEmbedding: boolean },
): readonly number[] {
  const [, ids = []] =
    [...rows].find(([end]) => (end === '' ? isEmbedding : table === end || table.endsWith(`.${end}`))) ?? []
  const [count = 0] = spec[`${table}.weight`] ?? []
  const beyond = ids.find((id) => id >= count)
  return beyond === undefined
    ? ids
    : refuse(`its trainable_token_indices name the token ${beyond}, and the base has ${count}`)
}
