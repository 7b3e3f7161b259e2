/**
 * What is typed into the search of the run table: words that a run's name, tags, note or recipe holds, and conditions
 * on settings and on what was measured last. "ppo beta<0.2 tag:keep kl/text<=5"
 */
import { metricNames, type MetricName } from '../../src-shared/metrics'
import type { Run, RunTrend } from '../../src-shared/records/run'
import { recipeOf } from '../../src-shared/recipes/recipes'

type Matches = (run: Run, trend: RunTrend | undefined) => boolean

export interface RunQuery {
  readonly matches: Matches
  /** What could not be read, as a sentence. */
  readonly problem?: string
}

const compared: Readonly<Record<string, (a: number | string, b: number | string) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
}

/** @param settings the names that any run here has */
export function readQuery(text: string, settings: ReadonlySet<string>): RunQuery {
  const parts = partsOf(text).map((part) => partOf(part, settings))
  const problem = parts.find((part) => part.problem !== undefined)?.problem
  return {
    matches: (run, trend) => parts.every(({ matches }) => matches(run, trend)),
    ...(problem !== undefined && { problem }),
  }
}

/** Words apart; what stands in quotes is one, and a condition is one whether or not spaces stand around its sign. */
const partsOf = (text: string): readonly string[] =>
  (text.replace(/\s*(<=|>=|!=|=|<|>)\s*/g, '$1').match(/(?:"[^"]*"|[^\s"])+/g) ?? [])
    .map((part) => part.replaceAll('"', ''))
    .filter((part) => part !== '')

const everything: Matches = () => true

function partOf(part: string, settings: ReadonlySet<string>): RunQuery {
  const tag = /^tag:(.+)$/i.exec(part)?.[1]?.toLowerCase()
  if (tag !== undefined) return { matches: ({ tags = [] }) => tags.some((one) => one.toLowerCase() === tag) }
  const condition = /^([\w/.-]+?)(<=|>=|!=|<|>|=)(.+)$/.exec(part)
  if (!condition) return { matches: (run) => wordsOf(run).includes(part.toLowerCase()) }
  const [, asked = '', sign = '', value = ''] = condition
  const read = readerOf(asked, settings)
  if (!read) return { matches: everything, problem: `No setting and no metric here is called “${asked}”.` }
  const isMetric = metricNames.some((name) => plain(name) === plain(asked))
  if (isMetric && !Number.isFinite(Number(value)))
    return { matches: everything, problem: `${asked} is a number, and “${value}” is none.` }
  return { matches: (run, trend) => holds(read(run, trend), sign, value) }
}

function holds(found: number | string | undefined, sign: string, value: string): boolean {
  if (found === undefined) return false
  const wanted = typeof found === 'number' ? Number(value) : value
  return compared[sign]?.(found, wanted) ?? false
}

function readerOf(asked: string, settings: ReadonlySet<string>) {
  const same = (name: string): boolean => plain(name) === plain(asked)
  const setting = [...settings].find(same)
  if (setting !== undefined) return (run: Run) => run.settings[setting]
  const metric: MetricName | undefined = metricNames.find(same)
  return metric && ((_run: Run, trend: RunTrend | undefined) => trend?.last?.[metric])
}

/** learning-rate, learningRate and learningrate are one. */
const plain = (name: string): string => name.toLowerCase().replace(/[-_.]/g, '')

const wordsOf = ({ name, tags = [], note = '', recipe }: Run): string =>
  [name, ...tags, note, recipeOf(recipe).title].join('\n').toLowerCase()
