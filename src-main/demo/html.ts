/**
 * What the demo leaves behind for people: `report.html`, one file without a script and without anything from
 * elsewhere.
 */
import { metrics, type MetricName } from '../../src-shared/metrics'
import type { MetricPoint } from '../../src-shared/records/run'
import type { Sample } from '../../src-shared/records/sample'
import type { BestOfN } from '../evaluation/best-of-n'
import type { DemoReport, Stage, StageName } from './report'
import { escaped, lineChart, type Series } from './svg'

export interface ReportedRun {
  readonly name: string
  readonly points: readonly MetricPoint[]
}

export interface ReportMaterial {
  readonly report: DemoReport
  readonly runs: {
    readonly [K in 'pretrain' | 'sft' | 'reward' | 'ppoLexicon' | 'ppoRewardModel']: ReportedRun
  }
  readonly samples: Readonly<Record<StageName, readonly Omit<Sample, 'id'>[]>>
}

const titles: Readonly<Record<StageName, string>> = {
  pretrained: 'Pretrained',
  sft: 'Fine-tuned (SFT)',
  'ppo-lexicon': 'PPO, lexicon',
  'ppo-reward-model': 'PPO, reward model',
}

export function reportHtml(material: ReportMaterial): string {
  const { report } = material
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>RLHF Studio: the demo’s report</title><style>${style}</style></head><body><main>
<h1>From sentences to a preference-tuned model</h1>
<p>${escaped(summary(report))}</p>
${warnings(report)}
<h2>Stages</h2>
${stageTable(report)}
<p class="note">Each stage: ${report.texts.toLocaleString('en-US')} texts of at most 64 tokens, top-k 30, temperature 1; ± is the half width of the 95 % interval of sampling. Reward is VADER’s compound score, whatever the stage was trained on. The judge, wink-nlp, trains nothing, but it is a word list, too. KL is of the full softmax to the fine-tuned model, up to and with the end token. Distinct-2 falls as a set grows: compare sets of one size.</p>
<h2>Reward against KL</h2>
${rewardAgainstKl(material)}
<p class="note">${escaped(lineSentence(report))}</p>
${bestOfNTable(report.bestOfN)}
<h2>Runs</h2>
<div class="charts">${runCharts(material)}</div>
<h2>Texts</h2>
${report.stages.map((stage) => sampleList(stage, material.samples[stage.name], report)).join('\n')}
<h2>Settings and times</h2>
${settingsTable(report)}
</main></body></html>
`
}

function summary({ isQuick, seed, device, seconds, programVersion }: DemoReport): string {
  const total = Object.values(seconds).reduce((sum, each) => sum + each, 0)
  return (
    `${isQuick ? 'The quick demo' : 'The demo'} of RLHF Studio ${programVersion}, seed ${seed}, on ` +
    `${device}: ${Math.floor(total / 60)} min ${Math.round(total % 60)} s.`
  )
}

function warnings({ warnings: all }: DemoReport): string {
  if (all.length === 0) return ''
  return (
    '<div class="warning"><strong>Over-optimised.</strong> The reward is high, but these texts are not ' +
    'what was ' +
    `wanted:<ul>${all.map(({ name, text }) => `<li><b>${titles[name]}</b>: ${escaped(text)}</li>`).join('')}</ul></div>`
  )
}

function stageTable({ stages }: DemoReport): string {
  const half = (stage: Stage, key: keyof Stage['ci95']): number =>
    (stage.ci95[key].high - stage.ci95[key].low) / 2
  const plain = (stage: Stage, key: keyof Stage['ci95'], digits: number): string =>
    `<td>${stage[key].toFixed(digits)} <i>± ${half(stage, key).toFixed(digits)}</i></td>`
  const share = (stage: Stage, key: keyof Stage['ci95']): string =>
    `<td>${(100 * stage[key]).toFixed(1)} <i>± ${(100 * half(stage, key)).toFixed(1)}</i></td>`
  const row = (stage: Stage): string =>
    `<tr><th>${titles[stage.name]}</th>${plain(stage, 'meanReward', 3)}${share(stage, 'positiveShare')}${share(stage, 'judgeShare')}${plain(stage, 'klToSft', 2)}${plain(stage, 'distinct2', 3)}${plain(stage, 'meanLength', 1)}${share(stage, 'endedShare')}${share(stage, 'copiedShare')}</tr>`
  return (
    '<div class="wide"><table><thead><tr><th></th><th>mean reward</th><th>positive, %</th><th>judge, ' +
    '%</th><th>KL to SFT, nats</th><th>distinct-2</th><th>characters</th><th>ended, %</th><th>copied, ' +
    `%</th></tr></thead><tbody>${stages.map(row).join('')}</tbody></table></div>`
  )
}

function bestOfNTable(line: readonly BestOfN[]): string {
  return `<div class="wide"><table><thead><tr><th>best of</th>${line.map(({ n }) => `<th>${n}</th>`).join('')}</tr></thead><tbody>
<tr><th>KL, at most</th>${line.map(({ kl }) => `<td>${kl.toFixed(2)}</td>`).join('')}</tr>
<tr><th>mean reward</th>${line.map(({ meanReward }) => `<td>${meanReward.toFixed(3)}</td>`).join('')}</tr></tbody></table></div>`
}

function rewardAgainstKl({ report, runs }: ReportMaterial): string {
  const path = (run: ReportedRun): Series['points'] => {
    const rewards = valuesOf(run, 'reward/mean')
    return [...valuesOf(run, 'kl/text')].flatMap(([step, kl]) =>
      rewards.has(step) ? [[kl, rewards.get(step) as number] as const] : [],
    )
  }
  return lineChart({
    title: 'Mean reward (VADER)',
    xLabel: 'KL to the fine-tuned model, nats a text',
    width: 760,
    height: 380,
    series: [
      {
        label: 'best of n',
        points: report.bestOfN.map(({ kl, meanReward }) => [kl, meanReward] as const),
        isDashed: true,
      },
      { label: 'PPO, lexicon: its way', points: path(runs.ppoLexicon) },
      ...report.stages
        .filter(({ name }) => name !== 'pretrained')
        .map((stage): Series => ({
          label: titles[stage.name],
          points: [[stage.klToSft, stage.meanReward]],
          isScatter: true,
        })),
    ],
  })
}

function lineSentence({ againstBestOfN }: DemoReport): string {
  const said = againstBestOfN.map(({ name, lineReward, shareOfLine }) =>
    lineReward === undefined
      ? `${titles[name]} lies beyond the end of the best-of-n line.`
      : `${titles[name]} reaches ${Math.round(100 * (shareOfLine ?? 0))} % of what best-of-n gains over ` +
        `the fine-tuned model at the same KL (the line stands at ${lineReward.toFixed(3)} there).`,
  )
  return (
    'The dashed line is what drawing n texts and keeping the best reaches, n from 1 to 128; its KL is an ' +
    `upper bound. ${said.join(' ')}`
  )
}

const shownMetrics: Readonly<Record<keyof ReportMaterial['runs'], readonly (readonly MetricName[])[]>> = {
  pretrain: [['loss/train', 'loss/held-out']],
  sft: [['loss/train', 'loss/held-out']],
  reward: [
    ['loss/reward', 'loss/reward-held-out'],
    ['accuracy/train', 'accuracy/held-out'],
  ],
  ppoLexicon: [
    ['reward/mean', 'reward/judge'],
    ['kl/text'],
    ['policy/entropy'],
    ['text/distinct-2', 'text/ended'],
    ['text/length'],
    ['value/explained'],
  ],
  ppoRewardModel: [
    ['reward/mean', 'reward/judge'],
    ['kl/text'],
    ['policy/entropy'],
    ['text/distinct-2', 'text/ended'],
    ['text/length'],
    ['value/explained'],
  ],
}

function runCharts({ runs }: ReportMaterial): string {
  return Object.entries(runs)
    .flatMap(([key, run]) =>
      shownMetrics[key as keyof typeof runs].map((names) =>
        lineChart({
          title: `${run.name}: ${metrics[names[0]!].unit}`,
          xLabel: key.startsWith('ppo') ? 'rollouts' : 'updates',
          series: names
            .map((name) => ({ label: metrics[name].label, points: thinned([...valuesOf(run, name)]) }))
            .filter(({ points }) => points.length > 0),
        }),
      ),
    )
    .join('\n')
}

/** Means of neighbours, so that a line has at most 200 points. */
function thinned(points: readonly (readonly [number, number])[]): Series['points'] {
  const every = Math.ceil(points.length / 200)
  return Array.from({ length: Math.ceil(points.length / every) }, (_, place) => {
    const part = points.slice(place * every, (place + 1) * every)
    return [part.at(-1)![0], part.reduce((sum, [, value]) => sum + value, 0) / part.length] as const
  })
}

const valuesOf = ({ points }: ReportedRun, name: MetricName): Map<number, number> =>
  new Map(points.filter((point) => point.name === name).map(({ step, value }) => [step, value]))

function sampleList(
  { name }: Stage,
  samples: ReportMaterial['samples'][StageName],
  { warnings: all }: DemoReport,
): string {
  const mark = all.some((warning) => warning.name === name) ? ' <span class="mark">over-optimised</span>' : ''
  const line = ({ completion, hasEnded, reward, judge }: Omit<Sample, 'id'>): string =>
    `<li><q>${escaped(completion)}</q>${hasEnded ? '' : ' <span class="cut">cut</span>'} <i>reward ` +
    `${reward?.toFixed(2)}, judge ${judge?.toFixed(2)}</i></li>`
  return `<h3>${titles[name]}${mark}</h3><ul class="samples">${samples.map(line).join('')}</ul>`
}

function settingsTable({ settings, seconds }: DemoReport): string {
  const names = [...new Set(Object.values(settings).flatMap((each) => Object.keys(each)))]
  const stages = Object.keys(settings)
  const row = (name: string): string =>
    `<tr><th>${escaped(name)}</th>${stages.map((stage) => `<td>${escaped(String(settings[stage]?.[name] ?? ''))}</td>`).join('')}</tr>`
  const times = Object.entries(seconds)
    .map(([what, each]) => `${what} ${each.toFixed(0)} s`)
    .join(' · ')
  return (
    `<p>${escaped(times)}</p><details><summary>All settings</summary><div ` +
    `class="wide"><table><thead><tr><th></th>${stages.map((stage) => `<th>${escaped(stage)}</th>`).join('')}</tr></thead><tbody>${names.map(row).join('')}</tbody></table></div></details>`
  )
}

/** Series in Okabe and Ito's colours, which stay apart for colour-blind eyes. */
const style = `
:root{color-scheme:light dark;--ink:#1c1d20;--soft:#63666d;--paper:#fff;--line:#e3e4e7;--warn:#fff4e0;--warn-line:#d98200;--c0:#6b6e76;--c1:#0072b2;--c2:#009e73;--c3:#d55e00;--c4:#cc79a7;--c5:#b08900}
@media(prefers-color-scheme:dark){:root{--ink:#e6e7ea;--soft:#9da1aa;--paper:#17181b;--line:#303238;--warn:#33270f;--warn-line:#e69f00;--c0:#9da1aa;--c1:#56b4e9;--c2:#2fc59b;--c3:#f08a4b;--c4:#dc9abf;--c5:#e0c040}}
body{margin:0;background:var(--paper);color:var(--ink);font:14px/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:980px;margin:0 auto;padding:24px 20px 60px}h1{font-size:24px}h2{font-size:17px;margin-top:36px}h3{font-size:14px;margin-bottom:4px}
table{border-collapse:collapse}th,td{padding:4px 10px;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}th:first-child{text-align:left}thead th{font-weight:500;color:var(--soft)}i{font-style:normal;color:var(--soft);font-size:12px}
.wide{overflow-x:auto}.note{color:var(--soft);max-width:75ch}.warning{background:var(--warn);border-left:3px solid var(--warn-line);padding:10px 14px;max-width:80ch}.mark{color:var(--warn-line);font-weight:500;margin-left:6px}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(420px,1fr));gap:16px}svg{width:100%;height:auto;max-width:760px}
.samples{font-size:15px;padding-left:18px;max-width:90ch}.samples i{margin-left:8px}.cut{color:var(--soft);font-size:12px}
.title{font-size:13px;font-weight:600;fill:var(--ink)}.tick{font-size:11px;fill:var(--soft)}.label{font-size:12px;paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}.grid{stroke:var(--line)}.line{fill:none;stroke-width:1.75}.dashed{stroke-dasharray:5 4}
${[0, 1, 2, 3, 4, 5].map((place) => `.s${place}{stroke:var(--c${place})}.c${place},.t${place}{fill:var(--c${place})}`).join('')}`
