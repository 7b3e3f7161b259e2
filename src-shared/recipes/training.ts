/** Settings that every trainer has: how long, how fast, how often it keeps something. */
import { choice, integer, number } from '../fields'

export const optimizerFields = {
  weightDecay: number({
    group: 'Optimizer',
    default: 0.1,
    min: 0,
    max: 10,
    doc:
      'Decoupled decay of the weight matrices (Loshchilov & Hutter 2019); never of biases, LayerNorm gains ' +
      'or embeddings. minGPT uses 0.1.',
  }),
  beta2: number({
    group: 'Optimizer',
    default: 0.95,
    min: 0.5,
    max: 0.9999,
    doc: 'Decay of AdamW’s second moment. minGPT and GPT-3 use 0.95; β₁ is 0.9.',
  }),
  clipNorm: number({
    group: 'Optimizer',
    default: 1,
    min: 0.001,
    max: 1000,
    unit: 'norm',
    doc: 'Longest gradient of one update; a longer one is scaled down to it (Pascanu et al. 2013).',
  }),
} as const

/** How the step size goes: up to its peak, then down a cosine (Loshchilov & Hutter 2017). */
export const scheduleFields = {
  warmupUpdates: integer({
    group: 'Optimizer',
    default: 10,
    min: 0,
    max: 100_000,
    unit: 'updates',
    doc: 'Updates over which the step size rises to its peak.',
  }),
  finalLearningRateFraction: number({
    group: 'Optimizer',
    default: 0.1,
    min: 0,
    max: 1,
    doc: 'The cosine ends at this share of the peak.',
  }),
} as const

export const memoryFields = {
  accumulation: integer({
    group: 'Batch',
    default: 1,
    min: 1,
    max: 4096,
    unit: 'parts',
    doc:
      'Parts that an update’s batch is cut into, computed one after the other with their gradients added. ' +
      'The update is the same, the memory that of one part.',
  }),
  recompute: choice(['off', 'on'], {
    group: 'Batch',
    default: 'off',
    doc:
      'Keeps few results of the way forward and computes the others again on the way back (Chen et al. ' +
      '2016): less memory, about a third more time, the same update. On TensorFlow’s devices it changes ' +
      'nothing.',
  }),
} as const

export const lengthFields = {
  checkpointEvery: integer({
    group: 'Length of the run',
    default: 200,
    min: 1,
    max: 1_000_000,
    unit: 'updates',
    doc: 'Updates between two checkpoints. A run can be resumed from each; the end is always kept.',
  }),
  samplesEvery: integer({
    group: 'Length of the run',
    default: 200,
    min: 1,
    max: 1_000_000,
    unit: 'updates',
    doc:
      'Updates between two looks: at completions, from the same prompts and seed each time, and at the ' +
      'held-out loss where there is one.',
  }),
  seed: integer({
    group: 'Length of the run',
    default: 424242,
    min: 0,
    max: 4_294_967_295,
    doc:
      'Decides initial weights, order of the data and every draw. The same seed on the same device gives ' +
      'the same run.',
  }),
} as const
