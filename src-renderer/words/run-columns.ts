/** The columns of the run table: facts of a run, what it measured last, and its settings. One row each. */
import { evidenceText } from '../../src-shared/evidence'
import { labelOf, unitOf } from '../../src-shared/fields'
import { formatValue } from '../../src-shared/figures'
import { metrics, type MetricName } from '../../src-shared/metrics'
import type { Run, RunTrend } from '../../src-shared/records/run'
import { recipeOf } from '../../src-shared/recipes/recipes'
import { ageText, durationText, leftText } from './durations'
import { textOf } from './setting-text'
import { countText } from '../../src-shared/sizes'

/** What a cell is sorted by; undefined stands last in either direction. */
export type CellValue = number | string | undefined

/** What the table knows beside a run's own row. */
export interface RunFacts {
  readonly trendOf: (runId: string) => RunTrend | undefined
  readonly dataOf: (run: Run) => string
  /** The pinned run of the same recipe that others are measured against. */
  readonly baselineOf: (run: Run) => Run | undefined
  readonly nowMs: number
}

export interface RunColumn {
  readonly id: string
  readonly title: string
  readonly isNumber: boolean
  /** Pixels at least; what is left goes to those that have none. */
  readonly width?: number
  readonly doc?: string
  readonly valueOf: (run: Run, facts: RunFacts) => CellValue
  /** Where the value is not its own text. */
  readonly textOf?: (run: Run, facts: RunFacts) => string
  /** Where a cell shows several numbers: each has a column of its own in a file. */
  readonly partsOf?: Readonly<Record<string, (run: Run, facts: RunFacts) => CellValue>>
}

const headlineOf = (run: Run, { trendOf }: RunFacts): number | undefined => trendOf(run.id)?.values.at(-1)
const spentMs = (run: Run, { nowMs }: RunFacts): number | undefined =>
  run.startedAtMs === undefined ? undefined : (run.endedAtMs ?? nowMs) - run.startedAtMs

/** What the headline is above, or below, that of the baseline. */
export function differenceOf(run: Run, facts: RunFacts): number | undefined {
  const baseline = facts.baselineOf(run)
  if (!baseline || baseline.id === run.id) return undefined
  const [here, there] = [headlineOf(run, facts), headlineOf(baseline, facts)]
  return here === undefined || there === undefined ? undefined : here - there
}

/**
 * Whether the interval of a difference holds zero: half-widths of two independent 95 % intervals add as squares.
 * undefined where nothing is known of how sure the two are.
 */
export function isUndecided(run: Run, facts: RunFacts): boolean | undefined {
  const baseline = facts.baselineOf(run)
  const sides = [run, ...(baseline ? [baseline] : [])].map(({ id }) => facts.trendOf(id)?.evidence)
  const [here, there] = sides
  const difference = differenceOf(run, facts)
  if (!here || !there || difference === undefined) return undefined
  return Math.abs(difference) <= Math.hypot((here.high - here.low) / 2, (there.high - there.low) / 2)
}

const signed = (value: number): string => `${value > 0 ? '+' : ''}${formatValue(value)}`

export const factColumns: readonly RunColumn[] = [
  { id: 'state', title: 'State', isNumber: false, width: 104, valueOf: (run) => run.state },
  {
    id: 'headline',
    title: 'Headline',
    isNumber: true,
    width: 84,
    doc: 'What the recipe is judged by, as it was last: its name stands in the row of the group',
    valueOf: headlineOf,
    textOf: (run, facts) => {
      const value = headlineOf(run, facts)
      return value === undefined ? '' : formatValue(value)
    },
  },
  {
    id: 'evidence',
    title: 'Interval',
    isNumber: false,
    width: 172,
    doc: 'How many stand behind the headline, and where it lies with 95 %',
    valueOf: (run, { trendOf }) => trendOf(run.id)?.evidence?.low,
    textOf: (run, { trendOf }) => {
      const evidence = trendOf(run.id)?.evidence
      return evidence ? evidenceText(evidence) : ''
    },
    partsOf: {
      count: (run, { trendOf }) => trendOf(run.id)?.evidence?.count,
      low: (run, { trendOf }) => trendOf(run.id)?.evidence?.low,
      high: (run, { trendOf }) => trendOf(run.id)?.evidence?.high,
    },
  },
  {
    id: 'baseline',
    title: 'To baseline',
    isNumber: true,
    width: 92,
    doc: 'The headline against that of the pinned run of its recipe; grey: the interval holds zero',
    valueOf: differenceOf,
    textOf: (run, facts) => {
      if (facts.baselineOf(run)?.id === run.id) return 'baseline'
      const difference = differenceOf(run, facts)
      return difference === undefined ? '' : signed(difference)
    },
  },
  {
    id: 'updates',
    title: 'Updates',
    isNumber: true,
    width: 110,
    valueOf: (run) => run.step,
    textOf: ({ step, totalSteps }) =>
      step === totalSteps ? countText(step) : `${countText(step)} of ${countText(totalSteps)}`,
  },
  {
    id: 'time',
    title: 'Time',
    isNumber: true,
    width: 96,
    doc: 'What it took, or what is left',
    valueOf: spentMs,
    textOf: (run, facts) => {
      if (run.leftMs !== undefined && run.state === 'running') return `${leftText(run.leftMs)} left`
      const ms = spentMs(run, facts)
      return ms === undefined ? '' : durationText(ms)
    },
  },
  {
    id: 'begun',
    title: 'Launched',
    isNumber: true,
    width: 76,
    doc: 'How long ago',
    valueOf: (run) => run.createdAtMs,
    textOf: (run, { nowMs }) => ageText(nowMs - run.createdAtMs),
  },
  {
    id: 'recipe',
    title: 'Recipe',
    isNumber: false,
    width: 110,
    valueOf: (run) => recipeOf(run.recipe).title,
  },
  { id: 'data', title: 'Data', isNumber: false, width: 150, valueOf: (run, facts) => facts.dataOf(run) },
  { id: 'device', title: 'Device', isNumber: false, width: 90, valueOf: (run) => run.device },
  { id: 'tags', title: 'Tags', isNumber: false, width: 120, valueOf: (run) => run.tags?.join(', ') },
  { id: 'note', title: 'Note', isNumber: false, width: 180, valueOf: (run) => run.note },
]

/** Shown until a person chooses others. */
export const usualColumns: readonly string[] = [
  'state',
  'headline',
  'evidence',
  'baseline',
  'updates',
  'time',
  'data',
  'tags',
  'note',
]

export const metricColumn = (name: MetricName): RunColumn => ({
  id: `metric:${name}`,
  title: name,
  isNumber: true,
  width: 110,
  doc: `${metrics[name].doc} Unit: ${metrics[name].unit || 'none'}. As it was last`,
  valueOf: (run, { trendOf }) => trendOf(run.id)?.last?.[name],
  textOf: (run, { trendOf }) => {
    const value = trendOf(run.id)?.last?.[name]
    return value === undefined ? '' : formatValue(value)
  },
})

export const settingColumn = (name: string): RunColumn => ({
  id: `setting:${name}`,
  title: labelOf(name),
  isNumber: false,
  width: 110,
  doc: `The setting ${name}`,
  valueOf: ({ settings }) => settings[name],
  textOf: ({ recipe, settings }) => {
    const value = settings[name]
    const field = recipeOf(recipe).fields[name]
    const unit = (field && unitOf(field)) ?? ''
    return value === undefined ? '' : `${textOf(value)} ${unit}`.trim()
  },
})

/** Settings in which these runs are not all the same, by name. A setting that only some have differs. */
export function differingSettings(runs: readonly Run[]): readonly string[] {
  const names = [...new Set(runs.flatMap(({ settings }) => Object.keys(settings)))]
  return names.filter((name) => new Set(runs.map(({ settings }) => settings[name])).size > 1)
}

export const cellText = (column: RunColumn, run: Run, facts: RunFacts): string =>
  column.textOf?.(run, facts) ?? String(column.valueOf(run, facts) ?? '')
