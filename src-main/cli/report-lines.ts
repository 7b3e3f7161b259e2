/** What a reward model is worth, as lines of text. */
import {
  reportParts,
  reportPartNames,
  type ReportRow,
  type RewardReport,
} from '../../src-shared/records/reward-report'
import { count } from './text'

export const reportTitle = ({ step }: RewardReport): string => `Held out, measured at update ${count(step)}`

export const reportLines = ({ rows }: RewardReport): readonly string[] =>
  reportPartNames.flatMap((part) => {
    const own = rows.filter((row) => row.part === part)
    return own.length === 0 ? [] : [`  ${reportParts[part].title}`, ...own.map(rowLine)]
  })

function rowLine({ part, name, count: of, value, low, high }: ReportRow): string {
  const between = low === undefined || high === undefined ? '' : ` (${figure(low)} to ${figure(high)})`
  return `    ${name}: ${figure(value)}${between}, ${count(of)} ${reportParts[part].of}`
}

const figure = (value: number): string => value.toFixed(3)
