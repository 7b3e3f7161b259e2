/** The comparison in rows: an algorithm each, the best share of the ceiling first. */
import type { AcrossSeeds } from './across-seeds'
import { aimedKls, type FrontierReport, type SummedAlgorithm } from './report'

export const frontierHeads: readonly string[] = [
  'from one SFT',
  'mean VADER',
  'KL, nats a text',
  'of the ceiling’s gain',
  ...aimedKls.map((kl) => `at ${kl} ${kl === 1 ? 'nat' : 'nats'}`),
  'distinct-2',
  'characters',
  'ended',
  'copied',
]

export const frontierRows = ({ algorithms, sft }: FrontierReport): readonly (readonly string[])[] => [
  startRow(sft),
  ...[...algorithms]
    .sort((a, b) => (b.shareAtOwnKl?.mean ?? -1) - (a.shareAtOwnKl?.mean ?? -1))
    .filter(({ ways }) => ways.length > 0)
    .map(rowOf),
]

const startRow = (sft: FrontierReport['sft']): readonly string[] => [
  'SFT, the start',
  sft.meanReward.toFixed(3),
  '0',
  '',
  ...aimedKls.map(() => ''),
  sft.distinct2.toFixed(2),
  sft.meanLength.toFixed(0),
  percent(sft.endedShare),
  percent(sft.copiedShare),
]

const rowOf = ({ title, last, shareAtOwnKl, shareAt }: SummedAlgorithm): readonly string[] => [
  title,
  withHalf(last.meanReward, 3),
  withHalf(last.klToSft, 2),
  share(shareAtOwnKl),
  ...aimedKls.map((kl) => share(shareAt[String(kl)])),
  last.distinct2.mean.toFixed(2),
  last.meanLength.mean.toFixed(0),
  percent(last.endedShare.mean),
  percent(last.copiedShare.mean),
]

const withHalf = ({ mean, half }: AcrossSeeds, digits: number): string =>
  half === undefined ? mean.toFixed(digits) : `${mean.toFixed(digits)} ± ${half.toFixed(digits)}`

function share(of: AcrossSeeds | undefined): string {
  if (!of) return '–'
  const shown = (value: number): string => (100 * value).toFixed(0)
  return of.half === undefined ? `${shown(of.mean)} %` : `${shown(of.mean)} ± ${shown(of.half)} %`
}

const percent = (value: number): string => `${(100 * value).toFixed(0)} %`
