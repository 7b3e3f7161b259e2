/**
 * The preset `chargpt` against nanoGPT's recipe for characters in PyTorch: the same rows in the same order,
 * the same held-out rows.
 */
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { pythonWith } from './peers/python-peers.mjs'
import { program } from './work/works.mjs'

/** Of its settings for a GPU, and what it advises for a CPU. */
const dropouts = [0.2, 0]

export async function bench({ scratch, say }) {
  const folder = path.join(scratch, 'chargpt')
  say('  ours takes some minutes …')
  const ours = answerOf(program('chargpt-work', folder))
  const title = `gpt-mini after ${ours.updates} updates of ${ours.batchRows} × ${ours.contextTokens} characters`
  const { python, whyNot } = pythonWith('torch')
  if (!python) return [lossRow(title, ours), { what: `beside nanoGPT's recipe, ${title}`, skipped: whyNot }]
  say("  nanoGPT's recipe takes some minutes, twice …")
  const theirs = dropouts.map((dropout) => ({
    dropout,
    ...answerOf([python, path.join(import.meta.dirname, 'peers/chargpt.py'), folder, String(dropout)]),
  }))
  const best = theirs.reduce((a, b) => (a.loss <= b.loss ? a : b))
  return [
    lossRow(title, ours, best),
    ...theirs.map(({ dropout, loss }) => ({
      what: `the same of nanoGPT's recipe with a dropout of ${dropout}`,
      value: loss,
      unit: 'nats a character',
    })),
    {
      what: `times as fast as it is in PyTorch, ${title}`,
      value: best.seconds / ours.seconds,
      unit: '×',
      detail:
        `${ours.seconds.toFixed(0)} s against ${best.seconds.toFixed(0)} s, one after the other; PyTorch ` +
        `${best.version}`,
    },
  ]
}

function lossRow(title, ours, best) {
  return {
    what: `held-out loss, ${title}`,
    value: ours.loss,
    unit: 'nats a character',
    ...(best && { aim: `≤ ${best.loss.toFixed(2)}`, isMet: ours.loss <= best.loss }),
    detail: [
      `${ours.heldOutRows} rows`,
      `ours writes ${JSON.stringify(ours.sample)}`,
      ...(best ? [`nanoGPT's recipe writes ${JSON.stringify(best.sample)}`] : []),
    ].join('\n    '),
  }
}

const answerOf = ([command, ...rest]) =>
  JSON.parse(
    execFileSync(command, rest, {
      env: { ...process.env, OMP_NUM_THREADS: '2' },
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  )
