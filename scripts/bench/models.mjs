/**
 * Models of the size that people have: loading one, training it in little memory, reading a long prompt, and
 * writing against llama.cpp.
 */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fetchSmolLm, smolLm } from '../fixtures-smollm.mjs'
import { median, race, startPeer } from './race.mjs'
import { llamaFolder, peerPython } from './peers/install-peers.mjs'
import { pythonPeer } from './peers/python-peers.mjs'
import { program, workTitles } from './work/works.mjs'

const PRODUCT_FLOPS = 2 * 1024 ** 3
const promptTokens = 1024
const writtenTokens = 64
const rounds = 5

export async function bench({ scratch, say }) {
  return [
    await loading(scratch),
    ...(await memory()),
    ...(await onEightBits()),
    await reading(),
    ...(await writing(scratch, say)),
  ]
}

async function loading(scratch) {
  const file = path.join(scratch, 'gpt2.safetensors')
  const seconds = []
  for (let round = 0; round < 3; round++) {
    const peer = await startPeer(program('load-peer', file))
    seconds.push(...(await peer.run(1)).map((ms) => ms / 1000))
    peer.stop()
  }
  const value = median(seconds)
  return { what: `loading a model file, ${workTitles.gpt2}`, value, unit: 's', aim: '≤ 3', isMet: value <= 3 }
}

async function memory() {
  const trained = async (what, way, most) => {
    const peer = await startPeer(program('step-peer', 'gpt2', JSON.stringify(way)))
    await peer.run(2)
    const value = peer.mebibytes / 1024
    peer.stop()
    return {
      what: `memory of ${what}, ${workTitles.gpt2}`,
      value,
      unit: 'GiB',
      aim: `≤ ${most}`,
      isMet: value <= most,
    }
  }
  return [
    await trained('LoRA, 4 × 256 tokens', { rows: 4, tokens: 256, hasAdapter: true }, 4),
    await trained('a full training step, 1 × 256 tokens', { rows: 1, tokens: 256 }, 6),
  ]
}

/** An adapter on frozen weights in 8 bits, 512 tokens; the loss of its second update against 32-bit weights. */
async function onEightBits() {
  const rows = []
  for (const { shape, title, most } of [
    { shape: 'tinyllama', title: 'Llama 1.1B', most: 3.5 },
    { shape: 'qwen3', title: 'Qwen3 0.6B', most: 2.5 },
  ]) {
    const held = await startPeer(program('held-peer', shape, '8-bit'))
    held.stop()
    const value = held.mebibytes / 1024
    const whole = await startPeer(program('held-peer', shape, '32-bit'))
    whole.stop()
    const off = (100 * Math.abs(held.check - whole.check)) / whole.check
    rows.push(
      {
        what: `memory of LoRA on 8-bit weights, 1 × 512 tokens, ${title}`,
        value,
        unit: 'GiB',
        aim: `≤ ${most}`,
        isMet: value <= most,
        detail: `${(whole.mebibytes / 1024).toFixed(1)} GiB on 32-bit weights`,
      },
      {
        what: `loss on 8-bit weights against 32-bit weights, ${title}`,
        value: off,
        unit: '%',
        aim: '≤ 1',
        isMet: off <= 1,
        detail: `${held.check.toFixed(4)} against ${whole.check.toFixed(4)}`,
      },
    )
  }
  return rows
}

/**
 * Products of a prompt: 2 a weight and token, and 4 a layer, channel and pair of positions, with all pairs
 * counted (Chowdhery et al. 2022, App. B).
 */
async function reading() {
  const what = `reading a prompt of ${promptTokens} tokens, share of OpenBLAS's matrix product, ${workTitles.gpt2}`
  const blas = await pythonPeer('numpy', ['gemm.py', 'numpy'], { blasThreads: 2 })
  if (!blas.peer) return { what, skipped: blas.whyNot }
  const layers = 12
  const width = 768
  const flops = promptTokens * (2 * 12 * layers * width ** 2 + 4 * layers * width * promptTokens)
  const peers = [
    { ...(await startPeer(program('prefill-peer', 'gpt2', promptTokens))), repetitions: 1 },
    { ...blas.peer, repetitions: 4 },
  ]
  const [ms, product] = (await race(peers, rounds)).map(median)
  for (const peer of peers) peer.stop()
  const value = (100 * flops) / ms / (PRODUCT_FLOPS / product)
  return {
    what,
    value,
    unit: '%',
    aim: '≥ 60',
    isMet: value >= 60,
    detail:
      `${ms.toFixed(0)} ms, ${Math.round(flops / ms / 1e6)} GFLOP/s against ` +
      `${Math.round(PRODUCT_FLOPS / product / 1e6)}`,
  }
}

async function writing(scratch, say) {
  const what = 'times as fast as llama.cpp with 16-bit weights, SmolLM2 135M'
  let half
  try {
    await fetchSmolLm(say)
    half = halfPrecision(scratch)
  } catch (error) {
    return [{ what, skipped: error.message }]
  }
  const llama = await startPeer([
    process.execPath,
    path.join(import.meta.dirname, 'peers/llama-peer.mjs'),
    half,
    String(writtenTokens),
  ])
  const rows = []
  for (const way of [
    { title: '', weights: 'as-they-are', least: 0.5 },
    { title: ', ours with 8-bit weights', weights: '8-bit', least: 1 },
  ])
    rows.push(await againstLlama(what, llama, way))
  llama.stop()
  return rows
}

async function againstLlama(what, llama, { title, weights, least }) {
  const ours = await startPeer(program('smollm-peer', smolLm, writtenTokens, weights))
  const peers = [ours, llama].map((peer) => ({ ...peer, repetitions: 1 }))
  const [ms, theirs] = (await race(peers, rounds)).map(median)
  ours.stop()
  return {
    what: what + title,
    value: theirs / ms,
    unit: '×',
    aim: `≥ ${least}`,
    isMet: theirs / ms >= least,
    detail: `${(1000 / ms).toFixed(1)} tokens/s against ${(1000 / theirs).toFixed(1)}; ${llama.name}`,
  }
}

/** @throws Error in words when a peer is missing */
function halfPrecision(scratch) {
  if (!fs.existsSync(path.join(llamaFolder, 'node_modules/node-llama-cpp')))
    throw new Error('node-llama-cpp is not installed; `npm run bench:peers` installs it')
  const half = path.join(scratch, 'SmolLM2-135M-Instruct.F16.gguf')
  execFileSync(peerPython, [path.join(import.meta.dirname, 'peers/half_gguf.py'), smolLm, half], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return half
}
