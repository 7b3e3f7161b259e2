/** Small real data for stories: the first rows of the bundled preference pairs, as demonstrations. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './studios'

/** Writes `name` with so many rows. @returns its path */
export function writeDemonstrations(folder: string, name: string, rows: number): string {
  const pairs = readFileSync(path.join(root, 'resources/datasets/sentiment-preference-pairs.jsonl'), 'utf8').trim().split('\n').slice(0, rows)
  const file = path.join(folder, name)
  writeFileSync(file, pairs.map((line) => {
    const { prompt, chosen } = JSON.parse(line) as { readonly prompt: string; readonly chosen: string }
    return `${JSON.stringify({ prompt, completion: chosen })}\n`
  }).join(''))
  return file
}

/** A model so small that it trains in seconds and still reads every prompt. */
export const tinyModel = { Layers: 1, Heads: 2, Width: 32, 'Context tokens': 96, 'Batch rows': 8 } as const
