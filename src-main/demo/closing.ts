/** The demo's last words in the terminal: the table of stages, and what is to be said of them. */
import { join } from 'node:path'
import { duration, table } from '../cli/text'
import type { Interval } from '../maths/interval'
import type { DemoReport, Stage } from './report'

/** @param folder where the reports lie */
export function closing(report: DemoReport, folder: string): string {
  const { stages, warnings, againstBestOfN, rewardModel, seconds } = report
  const totalSeconds = Object.values(seconds).reduce((sum, each) => sum + each, 0)
  return [
    '',
    table(heads, stages.map(rowOf)),
    '',
    `Reward model: ${percent(rewardModel.heldOutAccuracy)} % of ${rewardModel.heldOutPairs} held-out ` +
      'pairs right.',
    ...againstBestOfN.map(lineText),
    ...warnings.map(({ name, text }) => `! ${name}: ${text}`),
    `${duration(1000 * totalSeconds)} in all. Report: ${join(folder, 'report.html')}`,
    `Open it in the studio: npm start -- --registry ${join(folder, 'registry.sqlite')}`,
  ].join('\n')
}

const heads = [
  'stage',
  'mean reward',
  'positive %',
  'judge %',
  'KL to SFT',
  'distinct-2',
  'characters',
  'ended %',
  'copied %',
]

const rowOf = (stage: Stage): readonly string[] => [
  stage.name,
  `${stage.meanReward.toFixed(3)} ${plusMinus(stage.ci95.meanReward)}`,
  percent(stage.positiveShare),
  percent(stage.judgeShare),
  stage.klToSft.toFixed(2),
  stage.distinct2.toFixed(3),
  stage.meanLength.toFixed(1),
  percent(stage.endedShare),
  percent(stage.copiedShare),
]

function lineText({ name, shareOfLine }: DemoReport['againstBestOfN'][number]): string {
  if (shareOfLine === undefined) return `${name}: beyond the end of the best-of-n line.`
  return `${name}: ${Math.round(100 * shareOfLine)} % of what best-of-n gains at the same KL.`
}

const plusMinus = ({ low, high }: Interval): string => `±${((high - low) / 2).toFixed(3)}`
const percent = (share: number): string => (100 * share).toFixed(1)
