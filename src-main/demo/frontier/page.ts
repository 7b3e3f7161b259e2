/** The comparison as one page without a script: `frontier.html`. */
import style from '../html/page.css?raw'
import { escaped } from '../svg'
import { frontierPicture } from './picture'
import type { FrontierReport, SummedAlgorithm } from './report'
import { frontierHeads, frontierRows } from './rows'

export function frontierPage(report: FrontierReport): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>RLHF Studio: every algorithm from one start</title><style>
${style}</style></head><body><main>
<h1>Every algorithm from one start</h1>
<p>${escaped(summary(report))}</p>
${failures(report)}
${frontierPicture(report)}
<p class="note">${escaped(note(report))}</p>
${table(report)}
<h2>Texts</h2>
${report.algorithms.map(texts).join('\n')}
<h2>Settings</h2>
${report.algorithms.map(settings).join('\n')}
</main></body></html>
`
}

function summary({ isQuick, seed, device, seconds, programVersion }: FrontierReport): string {
  return (
    `${isQuick ? 'The quick comparison' : 'The comparison'} of RLHF Studio ${programVersion}, seed ${seed}, on ` +
    `${device}: ${Math.round(seconds / 60)} min.`
  )
}

const note = ({ texts: count, pool, pairs }: FrontierReport): string =>
  `Each policy is measured on ${count.toLocaleString('en-US')} texts of at most 64 tokens, drawn from the whole ` +
  'distribution at temperature 1; the KL is that of the very distribution drawn from. The ceiling is the fine-tuned ' +
  `model tilted by its reward, from ${pool.toLocaleString('en-US')} of its texts: no policy has more reward at the ` +
  'same KL. A line goes through the policies on an algorithm’s way, small marks are seeds. “At 1 nat” is the best ' +
  `mixture of two policies on the way. Pairs: ${pairs.toLocaleString('en-US')}, of the fine-tuned model’s texts, ` +
  'labelled by the same reward.'

function failures({ algorithms }: FrontierReport): string {
  const all = algorithms.flatMap(({ title, failures: each }) => each.map((text) => `${title}: ${text}`))
  if (all.length === 0) return ''
  return `<div class="warning">${all.map((text) => `<p>${escaped(text)}</p>`).join('')}</div>`
}

function table(report: FrontierReport): string {
  const head = frontierHeads.map((each) => `<th>${escaped(each)}</th>`).join('')
  const rows = frontierRows(report).map(([name, ...cells]) => {
    const rest = cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')
    return `<tr><th>${escaped(name ?? '')}</th>${rest}</tr>`
  })
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`
}

function texts({ title, ways }: SummedAlgorithm): string {
  const shown = ways[0]?.policies.at(-1)?.shown ?? []
  const items = shown.map((text) => `<li><q>${escaped(text)}</q></li>`).join('')
  return `<h3>${escaped(title)}</h3><ul class="samples">${items}</ul>`
}

function settings({ title, recipe, settings: values, seconds }: SummedAlgorithm): string {
  const said = Object.entries(values).map(([name, value]) => `${name} ${String(value)}`)
  return (
    `<details><summary>${escaped(`${title}: ${recipe}, ${Math.round(seconds)} s`)}</summary>` +
    `<p>${escaped(said.join(' · '))}</p></details>`
  )
}
