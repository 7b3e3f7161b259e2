/** The report of `studio eval` as a page that stands by itself: no script, and nothing from elsewhere. */
import { countOf } from '../../src-shared/sizes'
import { textOf } from '../../src-shared/turn-texts'
import style from '../demo/html/page.css?raw'
import { escaped } from '../demo/svg'
import type { EvalReport } from './eval-report'
import { measureText } from './eval-text'

/** Of each checkpoint: more are in what --json writes. */
const mostTexts = 50

export function evalPage(report: EvalReport): string {
  const { prompts, version, atMs, evaluated } = report
  const when = new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>RLHF Studio: evaluation on ${escaped(prompts.name)}</title><style>
${style}</style></head><body><main>
<h1>Evaluation on ${escaped(prompts.name)}</h1>
<p>${countOf(prompts.used, 'prompt')}, ${countOf(evaluated.length, 'checkpoint')}.
RLHF Studio ${escaped(version)}, ${when} UTC.</p>
${measures(report)}
<p class="note">± is half the 95 % interval of sampling, in brackets stands of how many. Intervals of two checkpoints
that overlap do not say that there is no difference, nor those that do not that it matters.</p>
<h2>Texts</h2>
${texts(report)}
<h2>Sampling</h2>
${settings(report)}
</main></body></html>
`
}

function measures({ evaluated }: EvalReport): string {
  const [first] = evaluated
  const heads = evaluated.map(({ checkpoint }) => `<th>${escaped(checkpoint.name)}</th>`).join('')
  return (first?.suites ?? [])
    .map(({ title, measures: all }, suite) => {
      const rows = all.map(({ name, doc }, place) => {
        const cells = evaluated.map((each) => {
          const one = each.suites[suite]?.measures[place]
          return `<td>${one ? escaped(measureText(one)) : ''}</td>`
        })
        return `<tr><th title="${escaped(doc)}">${escaped(name)}</th>${cells.join('')}</tr>`
      })
      const docs = all.map(({ name, doc }) => `<li><b>${escaped(name)}</b>: ${escaped(doc)}</li>`)
      return (
        `<h2>${escaped(title)}</h2><div class="wide"><table><thead><tr><th></th>${heads}</tr></thead>` +
        `<tbody>${rows.join('')}</tbody></table></div>` +
        `<details><summary>What they are</summary><ul>${docs.join('')}</ul></details>`
      )
    })
    .join('\n')
}

function texts({ evaluated }: EvalReport): string {
  const shown = (evaluated[0]?.texts ?? []).slice(0, mostTexts)
  return shown
    .map(({ prompt }, place) => {
      const said = evaluated.map(({ checkpoint, texts: all }) => {
        const one = all[place]
        const cut = one?.hasEnded === false ? ' <span class="cut">cut</span>' : ''
        return `<li><b>${escaped(checkpoint.name)}</b>: <q dir="auto">${escaped(one?.completion ?? '')}</q>${cut}</li>`
      })
      return `<h3 dir="auto">${escaped(textOf(prompt))}</h3><ul class="samples">${said.join('')}</ul>`
    })
    .join('\n')
}

function settings({ sampling }: EvalReport): string {
  const rows = Object.entries(sampling).map(
    ([name, value]) => `<tr><th>${escaped(name)}</th><td>${escaped(String(value))}</td></tr>`,
  )
  return `<div class="wide"><table><tbody>${rows.join('')}</tbody></table></div>`
}
