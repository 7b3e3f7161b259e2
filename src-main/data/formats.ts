/**
 * The file formats that are read, the most telling first: the first that recognises a file reads it. A new
 * format is one file in formats/ and one line here.
 */
import { arrow } from './formats/arrow'
import { csv } from './formats/csv'
import type { FileFormat } from './formats/format'
import { json } from './formats/json'
import { jsonl } from './formats/jsonl'
import { parquet } from './formats/parquet'
import { tsv } from './formats/tsv'
import { txt } from './formats/txt'

export const formats: readonly FileFormat[] = [parquet, arrow, json, jsonl, csv, tsv, txt]
