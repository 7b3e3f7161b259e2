/** What a sweep tries: settings with their values, how they are drawn, and when a run is not worth going on. */
import { z } from 'zod'
import { metricNames, type MetricName } from '../metrics'

/** Runs of one sweep, at most. */
export const mostSwept = 200

const value = z.union([z.number(), z.string().max(20_000)])

/** A setting with the values it takes. */
const listed = z.object({
  setting: z.string().min(1).max(100),
  values: z.array(value).min(1, 'has no value').max(mostSwept),
})

/** A setting with the range that its values are taken from. */
const ranged = z.object({
  setting: z.string().min(1).max(100),
  from: z.number(),
  to: z.number(),
  scale: z.enum(['linear', 'log']),
  /** How many values a grid takes of it, its ends among them. */
  points: z.number().int().min(2).max(mostSwept).optional(),
})

export const sweepAxis = z.union([listed, ranged])

export const sweepPlan = z.object({
  axes: z.array(sweepAxis).min(1, 'name at least one setting').max(12),
  /** `grid`: every value with every other; `random`: so many draws of all, decided by the seed. */
  draw: z.union([
    z.object({ by: z.literal('grid') }),
    z.object({
      by: z.literal('random'),
      runs: z.number().int().min(1).max(mostSwept),
      seed: z.number().int().min(0).max(4_294_967_295),
    }),
  ]),
  /** What runs are held against each other by; else the recipe's headline. */
  metric: z.enum(metricNames).optional(),
  /** Without it every run goes to its end. */
  stopping: z
    .object({
      /** No run is stopped before it: updates. */
      afterStep: z.number().int().min(0).max(10_000_000),
      /** How many others must have come so far. */
      leastOthers: z.number().int().min(1).max(mostSwept),
    })
    .optional(),
})

export type SweepAxis =
  | { readonly setting: string; readonly values: readonly (number | string)[] }
  | {
      readonly setting: string
      readonly from: number
      readonly to: number
      readonly scale: 'linear' | 'log'
      readonly points?: number
    }

export interface SweepPlan {
  readonly axes: readonly SweepAxis[]
  readonly draw:
    { readonly by: 'grid' } | { readonly by: 'random'; readonly runs: number; readonly seed: number }
  readonly metric?: MetricName
  readonly stopping?: { readonly afterStep: number; readonly leastOthers: number }
}

/** As Ray Tune has it; half of what a sweep of eight brings has then come so far. */
export const usualOthers = 3
