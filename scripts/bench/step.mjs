/** One training step of the 0.8M GPT, 64 texts of 64 tokens, against PyTorch and against eager TensorFlow.js. */
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { median, race, startPeer } from './peer.mjs'
import { torchPeer } from './torch-peers.mjs'

const programs = path.join(import.meta.dirname, '../../out/bench')
const SAME_LOSS = 1e-3   // nats: peers whose first losses differ more do not do the same work

export async function bench({ scratch, say }) {
  execFileSync(process.execPath, [path.join(programs, 'write-work.js'), scratch])
  const ours = await startPeer([process.execPath, path.join(programs, 'step-peer.js')])
  const torch = await torchPeer('step.py', scratch)
  say('  eager TensorFlow.js takes some seconds a step …')
  const eager = await startPeer([process.execPath, path.join(programs, 'step-eager-peer.js')])
  const peers = [{ ...ours, repetitions: 8 }, ...(torch.peer ? [{ ...torch.peer, repetitions: 8 }] : []), { ...eager, repetitions: 1, rounds: 2 }]
  try {
    for (const peer of peers) if (Math.abs(peer.check - ours.check) > SAME_LOSS) throw new Error(`${peer.name} computes another loss: ${peer.check} instead of ${ours.check}`)
    const ms = (await race(peers, 6)).map(median)
    return results(ours, torch, eager, { ours: ms[0], torch: ms[1], eager: ms.at(-1) })
  } finally {
    for (const peer of peers) peer.stop()
  }
}

function results(ours, torch, eager, ms) {
  const row = { what: 'training step', value: ms.ours, unit: 'ms', detail: ours.name }
  const againstEager = { what: 'times as fast as eager TensorFlow.js', value: ms.eager / ms.ours, unit: '×', aim: '≥ 20', isMet: ms.eager / ms.ours >= 20, detail: `${eager.name}: ${Math.round(ms.eager)} ms` }
  if (!torch.peer) return [row, { what: 'times as fast as PyTorch', skipped: torch.whyNot }, againstEager]
  const ratio = ms.torch / ms.ours, least = torch.isCurrent ? 1 : 1.3
  return [row, { what: 'times as fast as PyTorch', value: ratio, unit: '×', aim: `≥ ${least}`, isMet: ratio >= least, detail: `${torch.peer.name}: ${ms.torch.toFixed(1)} ms` }, againstEager]
}
