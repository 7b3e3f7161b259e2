/** Writing text with the 0.8M GPT, 32 texts at once, against PyTorch with a key-value cache. */
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { median, race, startPeer } from './peer.mjs'
import { torchPeer } from './torch-peers.mjs'

const programs = path.join(import.meta.dirname, '../../out/bench')

export async function bench({ scratch }) {
  execFileSync(process.execPath, [path.join(programs, 'write-work.js'), scratch])
  const ours = await startPeer([process.execPath, path.join(programs, 'generate-peer.js')])
  const torch = await torchPeer('generate.py', scratch)
  const peers = [{ ...ours, repetitions: 1 }, ...(torch.peer ? [{ ...torch.peer, repetitions: 3 }] : [])]
  try {
    const tokensASecond = (await race(peers, 8)).map((ms) => 1000 / median(ms))
    const row = { what: 'tokens written a second', value: tokensASecond[0], unit: 'tokens/s', detail: ours.name }
    if (!torch.peer) return [row, { what: 'times as fast as PyTorch', skipped: torch.whyNot }]
    const ratio = tokensASecond[0] / tokensASecond[1]
    return [row, { what: 'times as fast as PyTorch', value: ratio, unit: '×', aim: '≥ 1', isMet: ratio >= 1, detail: `${torch.peer.name}: ${Math.round(tokensASecond[1])} tokens/s` }]
  } finally {
    for (const peer of peers) peer.stop()
  }
}
