/**
 * What the demo leaves behind for people: `report.html`, one file without a script and without anything from
 * elsewhere.
 */
import type { Sample } from '../../src-shared/records/sample'
import { rewardAgainstKl, runCharts } from './html/charts'
import { stageTitles, type ReportMaterial } from './html/material'
import style from './html/page.css?raw'
import { bestOfNTable, settingsTable, stageTable } from './html/tables'
import type { DemoReport, Stage } from './report'
import { escaped } from './svg'

export function reportHtml(material: ReportMaterial): string {
  const { report } = material
  return `<!doctype html>
<html lang="en">${head}<body><main>
<h1>From sentences to a preference-tuned model</h1>
<p>${escaped(summary(report))}</p>
${warnings(report)}
<h2>Stages</h2>
${stageTable(report)}
<p class="note">${stageNote(report)}</p>
<h2>Reward against KL</h2>
${rewardAgainstKl(material)}
<p class="note">${escaped(lineSentence(report))}</p>
${bestOfNTable(report.bestOfN)}
<h2>Runs</h2>
<div class="charts">${runCharts(material)}</div>
<h2>Texts</h2>
${report.stages.map((stage) => sampleList(stage, material)).join('\n')}
<h2>Settings and times</h2>
${settingsTable(report)}
</main></body></html>
`
}

const head = [
  '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
  `<title>RLHF Studio: the demo’s report</title><style>\n${style}</style></head>`,
].join('')

function summary({ isQuick, seed, device, seconds, programVersion }: DemoReport): string {
  const total = Object.values(seconds).reduce((sum, each) => sum + each, 0)
  return (
    `${isQuick ? 'The quick demo' : 'The demo'} of RLHF Studio ${programVersion}, seed ${seed}, on ` +
    `${device}: ${Math.floor(total / 60)} min ${Math.round(total % 60)} s.`
  )
}

function warnings({ warnings: all }: DemoReport): string {
  if (all.length === 0) return ''
  const items = all.map(({ name, text }) => `<li><b>${stageTitles[name]}</b>: ${escaped(text)}</li>`)
  return (
    '<div class="warning"><strong>Over-optimised.</strong> The reward is high, but these texts are not what ' +
    `was wanted:<ul>${items.join('')}</ul></div>`
  )
}

function stageNote({ texts }: DemoReport): string {
  return (
    `Each stage: ${texts.toLocaleString('en-US')} texts of at most 64 tokens, top-k 30, temperature 1; ± is ` +
    'the half width of the 95 % interval of sampling. Reward is VADER’s compound score, whatever the stage ' +
    'was trained on. The judge, wink-nlp, trains nothing, but it is a word list, too. KL is of the full ' +
    'softmax to the fine-tuned model, up to and with the end token. Distinct-2 falls as a set grows: compare ' +
    'sets of one size.'
  )
}

function lineSentence({ againstBestOfN }: DemoReport): string {
  const said = againstBestOfN.map(({ name, lineReward, shareOfLine }) =>
    lineReward === undefined
      ? `${stageTitles[name]} lies beyond the end of the best-of-n line.`
      : `${stageTitles[name]} reaches ${Math.round(100 * (shareOfLine ?? 0))} % of what best-of-n gains over ` +
        `the fine-tuned model at the same KL (the line stands at ${lineReward.toFixed(3)} there).`,
  )
  return (
    'The dashed line is what drawing n texts and keeping the best reaches, n from 1 to 128; its KL is an ' +
    `upper bound. ${said.join(' ')}`
  )
}

function sampleList({ name }: Stage, { samples, report }: ReportMaterial): string {
  const isWarned = report.warnings.some((warning) => warning.name === name)
  const mark = isWarned ? ' <span class="mark">over-optimised</span>' : ''
  return (
    `<h3>${stageTitles[name]}${mark}</h3>` +
    `<ul class="samples">${samples[name].map(sampleItem).join('')}</ul>`
  )
}

function sampleItem({ completion, hasEnded, reward, judge }: Omit<Sample, 'id'>): string {
  const cut = hasEnded ? '' : ' <span class="cut">cut</span>'
  const scores = `reward ${reward?.toFixed(2)}, judge ${judge?.toFixed(2)}`
  return `<li><q>${escaped(completion)}</q>${cut} <i>${scores}</i></li>`
}
