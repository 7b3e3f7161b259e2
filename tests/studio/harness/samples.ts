/** Small real data for stories: the first rows of the bundled preference pairs. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './studios'

const firstPairs = (rows: number): readonly string[] =>
  readFileSync(path.join(root, 'resources/datasets/sentiment-preference-pairs.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .slice(0, rows)

/** Writes so many preference pairs. @returns the file's path */
export function writePairs(folder: string, name: string, rows: number): string {
  const file = path.join(folder, name)
  writeFileSync(file, firstPairs(rows).join('\n'))
  return file
}

/** Writes so many demonstrations: the chosen completions. @returns the file's path */
export function writeDemonstrations(folder: string, name: string, rows: number): string {
  const file = path.join(folder, name)
  writeFileSync(
    file,
    firstPairs(rows)
      .map((line) => {
        const { prompt, chosen } = JSON.parse(line) as { readonly prompt: string; readonly chosen: string }
        return `${JSON.stringify({ prompt, completion: chosen })}\n`
      })
      .join(''),
  )
  return file
}

/** A model so small that it trains in seconds and still reads every prompt. */
export const tinyModel = { Layers: 1, Heads: 2, Width: 32, 'Context tokens': 96, 'Batch rows': 8 } as const
