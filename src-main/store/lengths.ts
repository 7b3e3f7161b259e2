/**
 * Lengths in characters, counted while rows pass by: histograms, medians and facets without a second look at
 * the text.
 */
import type { DatasetSummary, LengthHistogram } from '../../src-shared/records/dataset'
import type { ExampleParts } from '../../src-shared/records/example'
import { textOf } from '../../src-shared/turn-texts'

export const parts = ['prompt', 'completion', 'rejected'] as const
export type Part = (typeof parts)[number]

/** Bins of a histogram; the last one is open and holds the longest hundredth. */
export const BINS = 32
/** Sources and labels listed for choosing; rarer ones are found by search. */
const FACETS = 200

export interface Tally {
  readonly lengths: Readonly<Record<Part, Map<number, number>>>
  readonly sources: Map<string, number>
  readonly labels: Map<number, number>
}

export const emptyTally = (): Tally => ({
  lengths: { prompt: new Map(), completion: new Map(), rejected: new Map() },
  sources: new Map(),
  labels: new Map(),
})

export function count(tally: Tally, example: ExampleParts): void {
  for (const part of parts) {
    const said = example[part]
    if (said !== undefined) add(tally.lengths[part], characters(textOf(said)))
  }
  if (example.source !== undefined) add(tally.sources, example.source)
  if (example.label !== undefined) add(tally.labels, example.label)
}

/** What is known of all rows of a dataset, without what a filter adds. */
export interface WholeSummary extends Pick<DatasetSummary, 'sources' | 'labels'> {
  readonly histograms: readonly Omit<LengthHistogram, 'matching'>[]
}

export function summarize(tally: Tally): WholeSummary {
  return {
    histograms: parts
      .filter((part) => tally.lengths[part].size > 0)
      .map((part) => histogramOf(part, tally.lengths[part])),
    sources: mostFrequent(tally.sources).map(([source, rows]) => ({ source, rows })),
    labels: mostFrequent(tally.labels)
      .map(([label, rows]) => ({ label, rows }))
      .sort((a, b) => a.label - b.label),
  }
}

/** Unicode code points: a character outside the basic plane counts once. */
export function characters(text: string): number {
  const pairs = /[\ud800-\udbff][\udc00-\udfff]/g
  return /[\ud800-\udbff]/.test(text) ? text.length - (text.match(pairs)?.length ?? 0) : text.length
}

export const binOf = (length: number, binWidth: number): number =>
  Math.min(BINS - 1, Math.floor(length / binWidth))

export function binned(lengths: ReadonlyMap<number, number>, binWidth: number): readonly number[] {
  const bins = new Array<number>(BINS).fill(0)
  for (const [length, rows] of lengths) bins[binOf(length, binWidth)]! += rows
  return bins
}

export function histogramOf(
  part: Part,
  lengths: ReadonlyMap<number, number>,
): Omit<LengthHistogram, 'matching'> {
  const sorted = [...lengths].sort(([a], [b]) => a - b)
  const binWidth = Math.max(1, Math.ceil((percentile(sorted, 0.99) + 1) / (BINS - 1)))
  return {
    part,
    binWidth,
    all: binned(lengths, binWidth),
    median: percentile(sorted, 0.5),
    percentile95: percentile(sorted, 0.95),
  }
}

/** Nearest rank: the least length that at least this share of the rows does not exceed. */
function percentile(sorted: readonly (readonly [length: number, rows: number])[], share: number): number {
  const wanted = share * sorted.reduce((sum, [, rows]) => sum + rows, 0)
  let seen = 0
  for (const [length, rows] of sorted) {
    seen += rows
    if (seen >= wanted) return length
  }
  return 0
}

const mostFrequent = <K>(counts: ReadonlyMap<K, number>): [K, number][] =>
  [...counts].sort(([, a], [, b]) => b - a).slice(0, FACETS)

export function add<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
