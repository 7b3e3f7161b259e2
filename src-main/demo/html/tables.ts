/** The report's tables: the stages in numbers, the best-of-n line, all settings. */
import type { BestOfN } from '../../evaluation/best-of-n'
import type { DemoReport, Stage } from '../report'
import { escaped } from '../svg'
import { stageTitles } from './material'

type Measure = keyof Stage['ci95']

interface Column {
  readonly head: string
  readonly measure: Measure
  /** Digits of a plain number; a share is shown in per cent with one. */
  readonly digits?: number
}

const columns: readonly Column[] = [
  { head: 'mean reward', measure: 'meanReward', digits: 3 },
  { head: 'positive, %', measure: 'positiveShare' },
  { head: 'judge, %', measure: 'judgeShare' },
  { head: 'KL to SFT, nats', measure: 'klToSft', digits: 2 },
  { head: 'distinct-2', measure: 'distinct2', digits: 3 },
  { head: 'characters', measure: 'meanLength', digits: 1 },
  { head: 'ended, %', measure: 'endedShare' },
  { head: 'copied, %', measure: 'copiedShare' },
]

export function stageTable({ stages }: DemoReport): string {
  return table(
    columns.map(({ head }) => head),
    stages.map((stage) =>
      row(stageTitles[stage.name], columns.map((column) => cell(stage, column)).join('')),
    ),
  )
}

/** A number with the half width of its interval. */
function cell(stage: Stage, { measure, digits }: Column): string {
  const half = (stage.ci95[measure].high - stage.ci95[measure].low) / 2
  const shown = (value: number): string =>
    digits === undefined ? (100 * value).toFixed(1) : value.toFixed(digits)
  return `<td>${shown(stage[measure])} <i>± ${shown(half)}</i></td>`
}

export function bestOfNTable(line: readonly BestOfN[]): string {
  const cells = (shown: (each: BestOfN) => string): string =>
    line.map((each) => `<td>${shown(each)}</td>`).join('')
  const heads = line.map(({ n }) => `<th>${n}</th>`).join('')
  return `<div class="wide"><table><thead><tr><th>best of</th>${heads}</tr></thead><tbody>
${row(
  'KL, at most',
  cells(({ kl }) => kl.toFixed(2)),
)}
${row(
  'mean reward',
  cells(({ meanReward }) => meanReward.toFixed(3)),
)}</tbody></table></div>`
}

export function settingsTable({ settings, seconds }: DemoReport): string {
  const names = [...new Set(Object.values(settings).flatMap((each) => Object.keys(each)))]
  const stages = Object.keys(settings)
  const values = (name: string): string =>
    stages.map((stage) => `<td>${escaped(String(settings[stage]?.[name] ?? ''))}</td>`).join('')
  const times = Object.entries(seconds)
    .map(([what, each]) => `${what} ${each.toFixed(0)} s`)
    .join(' · ')
  const all = table(
    stages.map(escaped),
    names.map((name) => row(escaped(name), values(name))),
  )
  return `<p>${escaped(times)}</p><details><summary>All settings</summary>${all}</details>`
}

/** @param heads of all columns but the first, which names the rows */
function table(heads: readonly string[], rows: readonly string[]): string {
  const head = heads.map((each) => `<th>${each}</th>`).join('')
  return (
    `<div class="wide"><table><thead><tr><th></th>${head}</tr></thead>` +
    `<tbody>${rows.join('')}</tbody></table></div>`
  )
}

const row = (name: string, cells: string): string => `<tr><th>${name}</th>${cells}</tr>`
