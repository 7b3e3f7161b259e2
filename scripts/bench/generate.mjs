/** Writing text, several texts at once, against PyTorch with a key-value cache. */
import { median, race, startPeer } from './peer.mjs'
import { pythonPeer } from './python-peers.mjs'
import { program, workTitles, written } from './works.mjs'

const tokens = 64
const works = [{ name: 'small', batch: 32, rounds: 8, repetitions: 3 }, { name: 'gpt2', batch: 1, rounds: 4, repetitions: 1 }, { name: 'gpt2', batch: 8, rounds: 4, repetitions: 1 }]

export async function bench({ scratch }) {
  const results = []
  for (const work of works) results.push(...await generated(work, scratch))
  return results
}

async function generated({ name, batch, rounds, repetitions }, scratch) {
  const title = `${workTitles[name]}, batch ${batch}`
  const ours = await startPeer(program('generate-peer', name, batch, tokens))
  const torch = await pythonPeer('torch', ['generate.py', written(scratch, name).folder, String(batch), String(tokens)])
  const peers = [{ ...ours, repetitions: 1 }, ...(torch.peer ? [{ ...torch.peer, repetitions }] : [])]
  try {
    const [rate, theirs] = (await race(peers, rounds)).map((ms) => 1000 / median(ms))
    const row = { what: `tokens written a second, ${title}`, value: rate, unit: 'tokens/s', detail: ours.name }
    const what = `times as fast as PyTorch, ${title}`
    if (!torch.peer) return [row, { what, skipped: torch.whyNot }]
    return [row, { what, value: rate / theirs, unit: '×', aim: '≥ 1.5', isMet: rate / theirs >= 1.5, detail: `${torch.peer.name}: ${Math.round(theirs)} tokens/s` }]
  } finally {
    for (const peer of peers) peer.stop()
  }
}
