/** What pretraining offers to begin with: the sample model, minGPT's self-checks, and published sizes. */
import type { Preset } from './recipe'

/** A task with one right answer, learned from some of its problems and asked of 500 others. */
const task = {
  trainOn: 'completion',
  exactMatch: 'on',
  packing: 'one-text-a-row',
  layers: 3,
  heads: 3,
  width: 48,
} as const

/**
 * The sizes of minGPT (mingpt/model.py) and of GPT-2; read as a stream, with the step size that suits them.
 */
const size = (
  name: string,
  parameters: string,
  [layers, heads, width, contextTokens, batchRows]: readonly [number, number, number, number, number],
  learningRate: number,
): Preset => ({
  name,
  doc:
    `${layers} blocks, ${heads} heads, ${width} channels: ${parameters} parameters beside the output ` +
    'matrix.',
  settings: { packing: 'stream', layers, heads, width, contextTokens, batchRows, learningRate },
})

export const pretrainPresets = [
  {
    name: 'HappyGPT',
    doc: '0.8M parameters, characters, three passes of the sample text: about seven minutes on two cores.',
    settings: {},
  },
  {
    name: 'Quick look',
    doc: 'A few hundred updates of a narrow model: a minute on two cores.',
    settings: {
      layers: 2,
      width: 64,
      updates: 300,
      batchRows: 32,
      checkpointEvery: 100,
      samplesEvery: 100,
      warmupUpdates: 30,
      learningRate: 2e-3,
    },
  },
  {
    name: 'Adder',
    command: 'adder',
    datasets: { texts: 'two-digit-sums.csv' },
    doc:
      'Self-check, minGPT’s adder: gpt-nano learns to add from 9,500 sums of two digits. Expected: all ' +
      'of 500 held-out sums exactly right after 2,500 updates, one to two minutes on two cores.',
    settings: {
      ...task,
      contextTokens: 8,
      batchRows: 256,
      updates: 2500,
      heldOutFraction: 0.05,
      samplesEvery: 500,
      checkpointEvery: 500,
    },
  },
  {
    name: 'Sorter',
    command: 'sort',
    datasets: { texts: 'six-digits.csv' },
    doc:
      'Self-check, minGPT’s sorter: gpt-nano learns to sort six digits. Expected: all of 500 held-out ' +
      'rows exactly right after 1,500 updates, one to two minutes on two cores.',
    settings: {
      ...task,
      contextTokens: 13,
      batchRows: 128,
      updates: 1500,
      heldOutFraction: 0.032,
      samplesEvery: 250,
      checkpointEvery: 500,
    },
  },
  {
    name: 'Character GPT',
    command: 'chargpt',
    datasets: { texts: 'austen-pride-and-prejudice.txt' },
    doc:
      'Self-check, minGPT’s chargpt: gpt-mini reads Pride and Prejudice, 128 characters at a time. ' +
      'Expected: a held-out loss of about 1.92 nats a character after 300 updates, about five minutes on ' +
      'two cores.',
    settings: {
      packing: 'stream',
      layers: 6,
      heads: 6,
      width: 192,
      contextTokens: 128,
      batchRows: 32,
      updates: 300,
      heldOutFraction: 0.1,
      samplesEvery: 100,
      checkpointEvery: 100,
      warmupUpdates: 50,
    },
  },
  size('gpt-nano', '0.09M', [3, 3, 48, 128, 32], 3e-3),
  size('gpt-micro', '0.8M', [4, 4, 128, 128, 32], 2e-3),
  size('gpt-mini', '2.7M', [6, 6, 192, 128, 32], 2e-3),
  size('gopher-44m', '25M', [8, 16, 512, 256, 8], 1e-3),
  size('gpt2', '85M', [12, 12, 768, 1024, 1], 6e-4),
  size('gpt2-medium', '302M', [24, 16, 1024, 1024, 1], 3e-4),
  size('gpt2-large', '708M', [36, 20, 1280, 1024, 1], 2.5e-4),
  size('gpt2-xl', '1,475M', [48, 25, 1600, 1024, 1], 2e-4),
] as const satisfies readonly Preset[]
