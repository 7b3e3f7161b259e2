/**
 * `npm run readme`: writes what was measured last (resources/docs/measured/) into the documents that show it:
 * the table of the demo, six headline figures, and every benchmark.
 */
import fs from 'node:fs'
import path from 'node:path'

const root = path.join(import.meta.dirname, '..')
const measured = (name) =>
  JSON.parse(fs.readFileSync(path.join(root, 'resources/docs/measured', `${name}.json`), 'utf8'))
const demo = measured('demo')
const bench = measured('bench')
const frontier = measured('frontier')

fill('README.md', 'demo', demoTable(demo))
fill(
  'resources/docs/main-job.md',
  'frontier',
  [frontierTable(frontier), frontierNotes(frontier)].join('\n\n'),
)
fill('README.md', 'figures', figures(bench))
fill('resources/docs/main-job.md', 'demo', [demoTable(demo), demoNotes(demo)].join('\n\n'))
fill('resources/docs/benchmarks.md', 'bench', benchTable(bench))
fill('resources/docs/results.md', 'rl', raceTable(measured('rl')))
fill('resources/docs/reliability.md', 'torture', tortureTable(measured('torture')))

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`. */
function fill(document, name, content) {
  const file = path.join(root, document)
  const text = fs.readFileSync(file, 'utf8')
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const start = text.indexOf(open)
  const end = text.indexOf(close)
  if (start < 0 || end < start) throw new Error(`${document} has no place ${open} … ${close}`)
  fs.writeFileSync(file, `${text.slice(0, start + open.length)}\n\n${content}\n\n${text.slice(end)}`)
}

function demoTable({ stages }) {
  const head = [
    'stage',
    'mean VADER',
    'VADER ≥ 0.05',
    'wink > 0',
    'KL to SFT, nats a text',
    'distinct-2',
    'characters',
    'ended',
    'copied',
  ]
  return markdownTable(head, stages.map(stageRow))
}

function stageRow(stage) {
  const { high, low } = stage.ci95.meanReward
  return [
    stageName(stage.name),
    `${stage.meanReward.toFixed(3)} ± ${((high - low) / 2).toFixed(3)}`,
    percent(stage.positiveShare),
    percent(stage.judgeShare),
    stage.klToSft.toFixed(2),
    stage.distinct2.toFixed(2),
    stage.meanLength.toFixed(0),
    percent(stage.endedShare),
    percent(stage.copiedShare),
  ]
}

/** What the table means, and what it must not be taken for. A paragraph each. */
function demoNotes({ bestOfN, againstBestOfN, seconds, device, texts, seed, rewardModel, warnings }) {
  const line = bestOfN.map(({ n, kl, meanReward }) => `${n}: ${kl.toFixed(2)} → ${meanReward.toFixed(2)}`)
  return [
    `${texts.toLocaleString('en-US')} texts a stage, top-k 30, temperature 1, at most 64 tokens; ± is 95 % of ` +
      `sampling; the reward is VADER's compound score in every row. The reward model ranks ` +
      `${percent(rewardModel.heldOutAccuracy)} of ${rewardModel.heldOutPairs} held-out pairs right.`,
    `Best-of-n line of the SFT model, n: KL bound in nats → mean VADER: ${line.join(' · ')}.`,
    ...againstBestOfN.map((policy) => besideLine(policy, bestOfN.at(-1))),
    ...warnings.map(({ name, text }) => `△ ${stageName(name)}: ${text}`),
    `Seed ${seed}, ${device}, ${minutes(seconds)} minutes in all.`,
  ].join('\n\n')
}

function besideLine({ name, lineReward, shareOfLine }, last) {
  if (lineReward === undefined)
    return (
      `${stageName(name)} lies beyond the end of the line, which stops at ${last.kl.toFixed(2)} nats with ` +
      `${last.meanReward.toFixed(2)}.`
    )
  return (
    `${stageName(name)}: best-of-n reaches ${lineReward.toFixed(2)} at the same KL; of what it gains over SFT ` +
    `the policy gains ${percent(shareOfLine)}.`
  )
}

function stageName(name) {
  const names = { sft: 'SFT', 'ppo-lexicon': 'PPO, lexicon', 'ppo-reward-model': 'PPO, reward model' }
  return names[name] ?? name
}

/** @param seconds by stage */
function minutes(seconds) {
  return (Object.values(seconds).reduce((sum, each) => sum + each, 0) / 60).toFixed(1)
}

function frontierTable({ table: [head, ...rows] }) {
  return markdownTable(head, rows)
}

function frontierNotes({ texts, pool, pairs, seed, device, seconds, isQuick, ceiling, bestOfN, algorithms }) {
  const at = (kl) => ceiling.find((point) => point.kl === kl)
  const missing = algorithms.filter(({ ways }) => ways.length === 0).map(({ title }) => title)
  const seeds = Math.max(...algorithms.map(({ ways }) => ways.length))
  const most = [1, 2, 4].filter(at).map((kl) => `${kl}: ${at(kl).meanReward.toFixed(2)}`)
  const line = bestOfN.map(({ n, kl, meanReward }) => `${n}: ${kl.toFixed(2)} → ${meanReward.toFixed(2)}`)
  return [
    `${texts.toLocaleString('en-US')} texts a policy, drawn from the whole distribution at temperature 1, at most 64 ` +
      `tokens; ${seeds === 1 ? 'one seed' : `${seeds} seeds, ± is the 95 % interval of their mean`}. Ceiling, nats → ` +
      `mean VADER, from ${pool.toLocaleString('en-US')} texts of the SFT model: ${most.join(' · ')}.`,
    `Best-of-n, n: exact KL → mean VADER: ${line.join(' · ')}.`,
    `${pairs.toLocaleString('en-US')} pairs. Seed ${seed}, ${device}, ${(seconds / 60).toFixed(0)} minutes in all` +
      `${isQuick ? ', the quick one' : ''}.`,
    ...(missing.length > 0 ? [`Not measured in it: ${missing.join(', ')}.`] : []),
  ].join('\n\n')
}

/** What a first reader wants to know, by the names of the benchmarks. */
function figures({ results }) {
  const headlines = [
    [
      'a training step against PyTorch, 0.8M parameters',
      'times as fast as PyTorch, 0.8M GPT, 64 × 64 tokens',
    ],
    ['a training step against PyTorch, GPT-2 124M', 'times as fast as PyTorch, GPT-2 124M, 1 × 128 tokens'],
    ['writing against PyTorch, GPT-2 124M, 8 texts', 'times as fast as PyTorch, GPT-2 124M, batch 8'],
    ['memory of LoRA on GPT-2 124M', 'memory of LoRA, 4 × 256 tokens, GPT-2 124M'],
    ['rows imported', 'rows imported a second'],
    ['from start to first data in the window', 'from start to first data in the window'],
  ]
  const rows = headlines.map(([title, what]) => {
    const result = results.find((each) => each.what === what)
    if (!result) throw new Error(`no benchmark says "${what}"`)
    return [title, measure(result), `\`npm run bench -- ${result.benchmark}\``]
  })
  return markdownTable(['what', 'measured', 'by'], rows)
}

function benchTable({ machine, results }) {
  const rows = results.map((result) => [
    result.what,
    result.skipped ? `not measured: ${result.skipped}` : measure(result),
    result.aim ?? '',
    verdictOf(result),
  ])
  return [
    markdownTable(['what', 'measured', 'aim', ''], rows),
    `Measured on ${machine.processor}, ${machine.cores} cores, Node ${machine.node}.`,
  ].join('\n\n')
}

/** With what stands beside each figure: who it is, how its time is divided, how busy the machine was. */
function raceTable({ results }) {
  const rows = results.map((result) => [
    result.what,
    result.skipped ? `not measured: ${result.skipped}` : measure(result),
    result.aim ?? '',
    result.aim && result.isMet === undefined ? 'too busy to tell' : verdictOf(result),
    result.detail ?? '',
  ])
  return markdownTable(['what', 'measured', 'aim', '', 'beside it'], rows)
}

function verdictOf({ isMet }) {
  if (isMet === undefined) return ''
  return isMet ? 'met' : 'missed'
}

function measure({ value, unit }) {
  return `${Number(value.toPrecision(3)).toLocaleString('en-US')} ${unit}`
}

function percent(share) {
  return `${(100 * share).toFixed(0)} %`
}

function markdownTable(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function tortureTable({ scenarios }) {
  const rows = scenarios.map(({ file, scenario, tries, held, failed }) => [
    file,
    scenario.replaceAll('|', '\\|'),
    String(tries),
    String(held),
    String(failed),
  ])
  return markdownTable(['file', 'scenario', 'tries', 'held', 'failed'], rows)
}
