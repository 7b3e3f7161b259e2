/**
 * Writing text, several texts at once, against PyTorch with a key-value cache; with 8-bit weights against the
 * same weights as they are.
 */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { smolLm } from '../fixtures-smollm.mjs'
import { median, race, startPeer } from './race.mjs'
import { pythonPeer } from './peers/python-peers.mjs'
import { program, workTitles, written } from './work/works.mjs'

const tokens = 64
const works = [
  { name: 'small', batch: 32, rounds: 8, repetitions: 3 },
  { name: 'gpt2', batch: 1, rounds: 4, repetitions: 1 },
  { name: 'gpt2', batch: 8, rounds: 4, repetitions: 1 },
]

export async function bench({ scratch }) {
  const results = []
  for (const work of works) results.push(...(await generated(work, scratch)))
  return [...results, await inEightBits(), perplexityLost()]
}

async function generated({ name, batch, rounds, repetitions }, scratch) {
  const title = `${workTitles[name]}, batch ${batch}`
  const ours = await startPeer(program('generate-peer', name, batch, tokens))
  const torch = await pythonPeer('torch', [
    'generate.py',
    written(scratch, name).folder,
    String(batch),
    String(tokens),
  ])
  const peers = [{ ...ours, repetitions: 1 }, ...(torch.peer ? [{ ...torch.peer, repetitions }] : [])]
  try {
    const [rate, theirs] = (await race(peers, rounds)).map((ms) => 1000 / median(ms))
    const row = {
      what: `tokens written a second, ${title}`,
      value: rate,
      unit: 'tokens/s',
      detail: ours.name,
    }
    const what = `times as fast as PyTorch, ${title}`
    if (!torch.peer) return [row, { what, skipped: torch.whyNot }]
    return [
      row,
      {
        what,
        value: rate / theirs,
        unit: '×',
        aim: '≥ 1.5',
        isMet: rate / theirs >= 1.5,
        detail: `${torch.peer.name}: ${Math.round(theirs)} tokens/s`,
      },
    ]
  } finally {
    for (const peer of peers) peer.stop()
  }
}

async function inEightBits() {
  const peers = []
  for (const weights of ['as-they-are', '8-bit'])
    peers.push({ ...(await startPeer(program('generate-peer', 'gpt2', 1, tokens, weights))), repetitions: 1 })
  try {
    const [plain, inBits] = (await race(peers, 8)).map((ms) => 1000 / median(ms))
    return {
      what: '8-bit against float32 weights, GPT-2 124M, batch 1',
      value: inBits / plain,
      unit: '×',
      aim: '≥ 2.5',
      isMet: inBits / plain >= 2.5,
      detail: `${inBits.toFixed(1)} and ${plain.toFixed(1)} tokens/s`,
    }
  } finally {
    for (const peer of peers) peer.stop()
  }
}

function perplexityLost() {
  const [command, ...rest] = program('perplexity-work', ...(fs.existsSync(smolLm) ? [smolLm] : []))
  const { name, tokens, perplexities } = JSON.parse(execFileSync(command, rest))
  const lost = 100 * (perplexities['8-bit'] / perplexities['as-they-are'] - 1)
  return {
    what: 'perplexity lost with 8-bit weights',
    value: lost,
    unit: '%',
    aim: '≤ 1',
    isMet: lost <= 1,
    detail:
      `${name}, ${tokens} tokens of Moby-Dick: ${perplexities['8-bit'].toFixed(3)}, with all digits ` +
      `${perplexities['as-they-are'].toFixed(3)}`,
  }
}
