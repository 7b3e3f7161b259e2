/** Ways to change one setting so that a run needs less memory. A trainer's row lists its own, mildest first. */
import type { SettingsValues } from '../../src-shared/fields'

/** What there is room for, as shares of what the run needs. */
export interface Room {
  /** Share of its activations, when all else stays. */
  readonly activations: number
  readonly whole: number
}

/** How one setting is changed so that a run needs less. */
export interface Smaller {
  readonly field: string
  /** @returns undefined when it goes no further */
  readonly value: (settings: SettingsValues, room: Room) => number | string | undefined
}

/** @param share of it that is kept @param step it is a multiple of */
export function lowered(now: number, share: number, { least = 1, step = 1 } = {}): number | undefined {
  const next = Math.max(least, Math.floor((now * share) / step) * step)
  return next < now ? next : undefined
}

/** A smaller batch or text, as activations grow with it. @param least of the recipe's bounds */
export const fewer = (field: string, least = 1): Smaller => ({
  field,
  value: (settings, { activations }) => lowered(Number(settings[field]), activations, { least }),
})

/** More parts of a batch, one after another. @param most the setting that is cut into them */
export const moreParts = (field: string, most: string): Smaller => ({
  field,
  value: (settings, { activations }) => {
    const now = Number(settings[field])
    const next = Math.min(Number(settings[most]), Math.ceil(now / activations))
    return next > now ? next : undefined
  },
})

export const switched = (field: string, to: string): Smaller => ({
  field,
  value: (settings) => (settings[field] === to ? undefined : to),
})

/** Frozen weights in 8 bits, where an adapter is trained on them. */
export const onEightBits: Smaller = {
  field: 'frozenWeights',
  value: ({ adapter, frozenWeights }) =>
    adapter === 'lora' && frozenWeights === '32-bit' ? '8-bit' : undefined,
}
