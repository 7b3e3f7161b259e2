/**
 * GPT-2's tokenizer against gpt-tokenizer on real text, a word that has no end, and byte-pair encoding
 * learned from 3.4 MB.
 */
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { median } from './race.mjs'

export async function bench() {
  const program = path.join(import.meta.dirname, '../../out/bench/tokenizers-work.js')
  const { loadMs, tokens, characters, oursMs, peerMs, longWordMs, learningMs } = JSON.parse(
    execFileSync(process.execPath, [program], { cwd: path.join(import.meta.dirname, '../..') }),
  )
  const ours = median(oursMs)
  const peer = median(peerMs)
  const ratio = ours / peer
  return [
    {
      what: 'tokens of GPT-2 read a second',
      value: (1000 * tokens) / ours,
      unit: 'tokens/s',
      detail:
        `${(characters / 1e6).toFixed(1)} million characters in ${ours.toFixed(0)} ms; the vocabulary was ` +
        `there after ${loadMs.toFixed(0)} ms`,
    },
    {
      what: 'time beside gpt-tokenizer’s',
      value: ratio,
      unit: '×',
      aim: '≤ 1.5',
      isMet: ratio <= 1.5,
      detail: `gpt-tokenizer: ${peer.toFixed(0)} ms`,
    },
    {
      what: 'a word of 100,000 letters',
      value: longWordMs,
      unit: 'ms',
      aim: '≤ 1,000',
      isMet: longWordMs <= 1000,
    },
    {
      what: 'BPE of 8,192 tokens learned',
      value: learningMs / 1000,
      unit: 's',
      detail: `from ${(characters / 1e6).toFixed(1)} million characters`,
    },
  ]
}
