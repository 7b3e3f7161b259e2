/** How far the whole demo is, and how long it still takes. */
import { bar, duration } from '../cli/text'

export interface DemoProgress {
  /** Begins the next stage; the one before has ended. */
  begin(stage: string): void
  /** @param fraction of the present stage, 0 … 1. @returns a line for the terminal */
  line(fraction: number, said: string): string
  /** Seconds of every stage so far. */
  seconds(): Readonly<Record<string, number>>
}

/**
 * @param shares what part of the whole each stage takes, as measured once: only their relation counts
 * @param now    milliseconds
 */
export function demoProgress(shares: Readonly<Record<string, number>>, now: () => number): DemoProgress {
  const stages = Object.keys(shares)
  const all = Object.values(shares).reduce((sum, share) => sum + share, 0)
  const began = new Map<string, number>()
  const took: Record<string, number> = {}
  const startMs = now()
  let present = ''
  const end = (): void => {
    if (present !== '') took[present] = (now() - (began.get(present) ?? now())) / 1000
  }
  const done = (fraction: number): number => {
    const before = stages
      .slice(0, stages.indexOf(present))
      .reduce((sum, stage) => sum + (shares[stage] ?? 0), 0)
    return (before + fraction * (shares[present] ?? 0)) / all
  }
  return {
    begin(stage) {
      end()
      present = stage
      began.set(stage, now())
    },
    line(fraction, said) {
      const sofar = done(fraction)
      const left = sofar > 0.01 ? ` · about ${duration(((now() - startMs) * (1 - sofar)) / sofar)} left` : ''
      return `${stages.indexOf(present) + 1}/${stages.length} ${present} ${bar(fraction)} ${said}${left}`
    },
    seconds() {
      end()
      return { ...took }
    },
  }
}
