/**
 * `npm run readme`: writes into README.md what is read from elsewhere: the tree with half a line a file, from
 * each file's own first sentence, and the tables of the last measured demo and benchmarks
 * (resources/docs/measured/).
 */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

const root = path.join(import.meta.dirname, '..')
const measured = path.join(root, 'resources/docs/measured')
const longestLine = 118
const places = ['src-shared', 'src-main', 'src-renderer', 'scripts']

const readme = path.join(root, 'README.md')
let text = fs.readFileSync(readme, 'utf8')
text = fill(text, 'tree', tree())
for (const [name, table] of [
  ['demo', demoTable],
  ['bench', benchTable],
]) {
  const file = path.join(measured, `${name}.json`)
  if (fs.existsSync(file)) text = fill(text, name, table(JSON.parse(fs.readFileSync(file, 'utf8'))))
}
fs.writeFileSync(readme, text)

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`. */
function fill(text, name, content) {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const start = text.indexOf(open)
  const end = text.indexOf(close)
  if (start < 0 || end < start) throw new Error(`README.md has no place ${open} … ${close}`)
  return `${text.slice(0, start + open.length)}\n${content}\n${text.slice(end)}`
}

function tree() {
  const files = execFileSync(
    'git',
    [
      'ls-files',
      '--cached',
      '--others',
      '--exclude-standard',
      'src-shared',
      'src-main',
      'src-renderer',
      'scripts',
    ],
    { cwd: root, encoding: 'utf8' },
  )
    .trim()
    .split('\n')
    .filter((file) => /\.(ts|vue|mjs|css|wat|py)$/.test(file) && fs.existsSync(path.join(root, file)))
    .sort(byFolder)
  const lines = []
  let folder
  for (const file of files) {
    const own = path.dirname(file)
    if (own !== folder) lines.push(...(folder === undefined ? [] : ['']), `${own}/`)
    folder = own
    lines.push(`  ${path.basename(file).padEnd(26)} ${half(firstSentence(file))}`.trimEnd())
  }
  return `\`\`\`text\n${lines.join('\n')}\n\`\`\``
}

/** Loose files of a folder before its folders. */
function byFolder(a, b) {
  const place = (folder) => places.indexOf(folder.split('/')[0])
  const [x, y] = [path.dirname(a), path.dirname(b)]
  return x === y ? a.localeCompare(b) : place(x) - place(y) || x.localeCompare(y)
}

/** What a file says of itself first. */
function firstSentence(file) {
  const source = fs.readFileSync(path.join(root, file), 'utf8').slice(0, 3000)
  const comment =
    /\/\*\*?([\s\S]*?)\*\//.exec(source)?.[1] ??
    /"""([\s\S]*?)"""/.exec(source)?.[1] ??
    /^\s*;;\s*(.*)$/m.exec(source)?.[1] ??
    ''
  const plain = comment
    .replace(/^\s*\*\s?/gm, '')
    .replace(/\s+/g, ' ')
    .replace(/^`[^`]*`:?\s*/, '')
    .trim()
  const [sentence] = plain.split(/(?<=[.;])\s/)
  return (sentence ?? '').replace(/[.:;]$/, '')
}

function half(sentence) {
  const room = longestLine - 29
  return sentence.length <= room ? sentence : `${sentence.slice(0, sentence.lastIndexOf(' ', room - 2))} …`
}

function demoTable({ stages, bestOfN, againstBestOfN, seconds, device, texts, seed, rewardModel, warnings }) {
  const names = {
    pretrained: 'pretrained',
    sft: 'SFT',
    'ppo-lexicon': 'PPO, lexicon',
    'ppo-reward-model': 'PPO, reward model',
  }
  const percent = (share) => `${(100 * share).toFixed(0)} %`
  const rows = stages.map((stage) => [
    names[stage.name],
    `${stage.meanReward.toFixed(3)} ± ` +
      `${((stage.ci95.meanReward.high - stage.ci95.meanReward.low) / 2).toFixed(3)}`,
    percent(stage.positiveShare),
    percent(stage.judgeShare),
    stage.klToSft.toFixed(2),
    stage.distinct2.toFixed(2),
    stage.meanLength.toFixed(0),
    percent(stage.endedShare),
    percent(stage.copiedShare),
  ])
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
  const line = bestOfN
    .map(({ n, kl, meanReward }) => `${n}: ${kl.toFixed(2)} → ${meanReward.toFixed(2)}`)
    .join(' · ')
  return [
    '',
    markdownTable(head, rows),
    '',
    `Best-of-n line of the SFT model, n: KL bound in nats → mean VADER: ${line}.`,
    '',
    `${texts.toLocaleString('en-US')} texts a stage, top-k 30, temperature 1, at most 64 tokens; ± is 95 ` +
      `% of sampling; the reward is VADER's compound score in every row. The reward model ranks ` +
      `${percent(rewardModel.heldOutAccuracy)} of ${rewardModel.heldOutPairs} held-out pairs right.`,
    ...againstBestOfN.map(({ name, lineReward, shareOfLine }) =>
      lineReward === undefined
        ? `${names[name]} lies beyond the end of the line, which stops at ${bestOfN.at(-1).kl.toFixed(2)} ` +
          `nats with ${bestOfN.at(-1).meanReward.toFixed(2)}.`
        : `${names[name]}: best-of-n reaches ${lineReward.toFixed(2)} at the same KL; of what it gains ` +
          `over SFT the policy gains ${percent(shareOfLine)}.`,
    ),
    ...warnings.map(({ name, text }) => `△ ${names[name]}: ${text}`),
    `Seed ${seed}, ${device}, ${minutes(seconds)} minutes in all.`,
  ].join('\n')
}

/** @param seconds by stage */
function minutes(seconds) {
  return (Object.values(seconds).reduce((sum, each) => sum + each, 0) / 60).toFixed(1)
}

function benchTable({ machine, results }) {
  const rows = results.map(({ what, value, unit, aim, isMet, skipped }) => [
    what,
    skipped ? `not measured: ${skipped}` : `${Number(value.toPrecision(3)).toLocaleString('en-US')} ${unit}`,
    aim ?? '',
    isMet === undefined ? '' : isMet ? 'met' : 'missed',
  ])
  return [
    '',
    markdownTable(['what', 'measured', 'aim', ''], rows),
    '',
    `Measured on ${machine.processor}, ${machine.cores} cores, Node ${machine.node}.`,
  ].join('\n')
}

function markdownTable(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
