/** What a dataset holds at a glance, and where the rows that a filter lets through lie in it. */
import type { DatasetReading, DatasetSummary, LengthHistogram } from '../../src-shared/records/dataset'
import type { Example, ExampleFilter } from '../../src-shared/records/example'
import { datasetOf } from './datasets'
import { everyExampleOf } from './examples'
import { isEmptyFilter, matching } from './example-filter'
import { tagsIn } from './example-versions'
import { keyOf } from './ids'
import { BINS, binned, count, emptyTally, parts, summarize, type Tally, type WholeSummary } from './lengths'
import { judgedExamples, matchingJudged } from './judged-examples'
import { runsUsingDataset } from './run-inputs'
import type { ReadableDb } from './handle'
import { storedJson } from './stored-json'

/** @throws StudioFailure not-found */
export function summaryOf(db: ReadableDb, datasetId: string, filter: ExampleFilter): DatasetSummary {
  const { origin } = datasetOf(db, datasetId)
  const key = keyOf('dataset', datasetId)
  const tags = tagsIn(db, key)
  const said = { usedBy: runsUsingDataset(db, key), ...(tags.length > 0 && { tags }) }
  if (origin === 'judgments')
    return { ...summaryOfJudged(judgedExamples(db, key), matchingJudged(db, key, filter)), ...said }
  const row = db.get<{ summary: string; reading: string | null }>(
    'SELECT summary, reading FROM datasets WHERE id = ?',
    key,
  )
  const reading = storedJson<DatasetReading>(row?.reading ?? null)
  const whole =
    storedJson<WholeSummary>(row?.summary ?? null) ?? summarize(tallied(everyExampleOf(db, datasetId)))
  return {
    ...whole,
    histograms: isEmptyFilter(filter)
      ? whole.histograms.map((each) => ({ ...each, matching: each.all }))
      : matchingHistograms(db, key, whole, filter),
    ...said,
    ...(reading && { reading }),
  }
}

/** One pass over the matching rows: how many fall into each combination of bins. */
function matchingHistograms(
  db: ReadableDb,
  datasetKey: number,
  whole: WholeSummary,
  filter: ExampleFilter,
): readonly LengthHistogram[] {
  const { sql, values } = matching(datasetKey, filter, true)
  const bins = parts.map(
    (part) =>
      `min(${part}_characters / ${whole.histograms.find((each) => each.part === part)?.binWidth ?? 1}, ` +
      `${BINS - 1})`,
  )
  const groups = db.all<Record<(typeof parts)[number], number | null> & { rows: number }>(
    `
    SELECT ${parts.map((part, i) => `${bins[i]} AS ${part}`).join(', ')}, count(*) AS rows ${sql} GROUP BY 1, 2, 3`,
    ...values,
  )
  return whole.histograms.map((histogram) => {
    const matching = new Array<number>(BINS).fill(0)
    for (const group of groups) {
      const bin = group[histogram.part]
      if (bin !== null) matching[bin]! += group.rows
    }
    return { ...histogram, matching }
  })
}

function summaryOfJudged(all: readonly Example[], found: readonly Example[]): Omit<DatasetSummary, 'usedBy'> {
  const whole = summarize(tallied(all))
  const lengths = tallied(found).lengths
  return {
    ...whole,
    histograms: whole.histograms.map((each) => ({
      ...each,
      matching: binned(lengths[each.part], each.binWidth),
    })),
  }
}

function tallied(examples: Iterable<Example>): Tally {
  const tally = emptyTally()
  for (const example of examples) count(tally, example)
  return tally
}
