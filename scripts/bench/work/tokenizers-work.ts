/**
 * `tokenizers-work.js`: GPT-2's tokenizer beside gpt-tokenizer on the texts that come with the studio, a word
 * of 100,000 letters, and BPE learned. Prints milliseconds as JSON.
 */
import { readFileSync } from 'node:fs'
import { encode as peerEncode } from 'gpt-tokenizer/encoding/r50k_base'
import { gpt2Tokenizer } from '../../../src-main/model/tokenizers/gpt2'
import { trainBpeTokenizer } from '../../../src-main/model/tokenizers/train-bpe'

const rounds = 9
const texts = ['moby-dick.txt', 'austen-pride-and-prejudice.txt', 'short-english-wordnet.txt'].map((name) =>
  readFileSync(`resources/datasets/${name}`, 'utf8'),
)
const word = Array.from(
  { length: 100_000 },
  (_, place) => 'etaoinshrdlu'[(place * 7919 + (place >> 3)) % 12],
).join('')

function timed(call: () => unknown): number {
  const startedMs = performance.now()
  call()
  return performance.now() - startedMs
}

const loadMs = timed(gpt2Tokenizer)
const tokenizer = gpt2Tokenizer()
for (const text of texts)
  if (tokenizer.encode(text).join() !== peerEncode(text).join())
    throw new Error('gpt-tokenizer reads a text otherwise')

/** In turn, so that a busy moment meets both. */
const encoding = Array.from({ length: rounds }, () => ({
  oursMs: timed(() => texts.forEach((text) => tokenizer.encode(text))),
  peerMs: timed(() => texts.forEach((text) => peerEncode(text))),
}))
const tokens = texts.reduce((sum, text) => sum + tokenizer.encode(text).length, 0)
console.log(
  JSON.stringify({
    loadMs,
    tokens,
    characters: texts.reduce((sum, text) => sum + text.length, 0),
    oursMs: encoding.map(({ oursMs }) => oursMs),
    peerMs: encoding.map(({ peerMs }) => peerMs),
    longWordMs: timed(() => tokenizer.encode(word)),
    learningMs: timed(() => trainBpeTokenizer(texts, { vocabulary: 8192 })),
  }),
)
