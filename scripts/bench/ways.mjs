/**
 * Our training step in several ways, against each other: an adapter instead of all weights, a batch in parts,
 * results computed again instead of kept.
 */
import { median, race, startPeer } from './race.mjs'
import { program, workTitles } from './work/works.mjs'

const comparisons = [
  {
    title: 'LoRA of rank 8 against all weights',
    work: 'gpt2',
    repetitions: 3,
    ways: [{}, { hasAdapter: true }],
    mostTime: 0.7,
    mostMemory: 0.5,
  },
  {
    title: '8 parts against one batch',
    work: 'small',
    repetitions: 8,
    ways: [{}, { parts: 8 }],
    mostTime: 1.1,
  },
  {
    title: '8 parts against one batch of 8 × 128 tokens',
    work: 'gpt2',
    repetitions: 1,
    ways: [{ rows: 8 }, { rows: 8, parts: 8 }],
    mostTime: 1.1,
  },
  {
    title: '8 parts against one batch of 8 × 512 tokens',
    work: 'gpt2',
    repetitions: 1,
    ways: [
      { rows: 8, tokens: 512 },
      { rows: 8, tokens: 512, parts: 8 },
    ],
    mostTime: 1.1,
  },
  {
    title: 'results computed again against results kept',
    work: 'small',
    repetitions: 8,
    ways: [{}, { recomputes: true }],
  },
  {
    title: 'results computed again against results kept, 8 × 128 tokens',
    work: 'gpt2',
    repetitions: 1,
    ways: [{ rows: 8 }, { rows: 8, recomputes: true }],
  },
]
const rounds = 4

export async function bench() {
  const results = []
  for (const comparison of comparisons) results.push(...(await compared(comparison)))
  return results
}

async function compared({ title, work, repetitions, ways, mostTime, mostMemory }) {
  const peers = []
  try {
    for (const way of ways)
      peers.push({ ...(await startPeer(program('step-peer', work, JSON.stringify(way)))), repetitions })
    const [plain, other] = (await race(peers, rounds)).map(median)
    const [plainMemory, otherMemory] = peers.map(({ mebibytes }) => mebibytes)
    const row = (what, value, most, detail) => ({
      what: `${what}, ${workTitles[work]}: ${title}`,
      value,
      unit: '×',
      ...(most === undefined ? {} : { aim: `≤ ${most}`, isMet: value <= most }),
      detail,
    })
    return [
      row('time of a step', other / plain, mostTime, `${other.toFixed(1)} ms against ${plain.toFixed(1)} ms`),
      row(
        'memory of the process',
        otherMemory / plainMemory,
        mostMemory,
        `${otherMemory} MiB against ${plainMemory} MiB`,
      ),
    ]
  } finally {
    for (const peer of peers) peer.stop()
  }
}
