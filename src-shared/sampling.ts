/**
 * How completions are sampled, declared once: form, command line, check at the border and stored queue read
 * this.
 */
import { integer, number, schemaOfAll, type Infer } from './fields'

export const samplingFields = {
  temperature: number({
    group: 'Sampling',
    default: 1,
    min: 0,
    max: 10,
    doc: 'Divides the logits before sampling. Lower is surer of itself; 0 always takes the likeliest token.',
  }),
  topK: integer({
    group: 'Sampling',
    default: 0,
    min: 0,
    max: 1_000_000,
    unit: 'tokens',
    doc: 'Only the k likeliest tokens are drawn from; 0 is off.',
  }),
  topP: number({
    group: 'Sampling',
    default: 1,
    min: 0,
    isMinExcluded: true,
    max: 1,
    doc: 'Only the likeliest tokens that together reach this probability are drawn from; 1 is off.',
  }),
  maxTokens: integer({
    group: 'Sampling',
    default: 64,
    min: 1,
    max: 100_000,
    unit: 'tokens',
    doc: 'A completion that has not ended by then is cut.',
  }),
  seed: integer({
    group: 'Sampling',
    default: 7,
    min: 0,
    max: 4_294_967_295,
    doc: 'The same seed writes the same text: what differs between two checkpoints is then their doing.',
  }),
} as const

export type SamplingSettings = Infer<typeof samplingFields>

export const samplingSchema = schemaOfAll(samplingFields)

export const samplingNames = Object.keys(samplingFields) as readonly (keyof SamplingSettings)[]
