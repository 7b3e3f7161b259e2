/** Watches a run by the health rules, and says what goes wrong, each thing once. */
import { rewardMetricOf, type MetricName } from '../../../src-shared/metrics'
import type { OpenTerm } from '../../rewards/terms'
import type { MetricValues } from '../trainer'
import { courseOf, remember, type Course } from './course'
import { healthRules } from './rules'

export interface Watch {
  /** @param step measurements done, from 1. @returns sentences, mostly none */
  see(step: number, values: MetricValues): readonly string[]
  /** All that it remembers, for a resumed run. */
  numbers(): Readonly<Record<string, number>>
}

const prefix = 'watch/'
/** What a run is trained for is followed before what is held against it. */
const trainedFor: MetricName = 'reward/mean'

/**
 * @param remembered the numbers of the run's last snapshot
 * @param rewards    of the run: those of weight 0 are held against the trained ones
 */
export function openWatch(
  remembered: Readonly<Record<string, number>> = {},
  rewards: readonly Pick<OpenTerm, 'source' | 'place' | 'weight'>[] = [],
): Watch {
  const memory: Record<string, number> = Object.fromEntries(
    Object.entries(remembered).filter(([name]) => name.startsWith(prefix)),
  )
  const heldOut = heldOutMetrics(rewards)
  const rules = healthRules(heldOut)
  const followed = [...new Set([trainedFor, ...rules.flatMap(({ reads }) => reads)])]
  const course = (name: MetricName): Course => courseOf(memory, prefix + name)
  return {
    see(step, values) {
      for (const name of followed) {
        const value = values[name]
        if (value !== undefined && Number.isFinite(value))
          remember(memory, prefix + name, value, course(trainedFor).recent)
      }
      return rules.flatMap(({ name: rule, reads, from, finds, advice }) => {
        if (step < from || reads.some((name) => values[name] === undefined)) return []
        const said = `${prefix}said/${rule}/${reads[0]}`
        if (memory[said] === 1) return []
        const found = finds({ step, value: (name) => values[name] ?? NaN, course })
        if (found === undefined) return []
        memory[said] = 1
        return [`${found} ${advice}`]
      })
    },
    numbers: () => ({ ...memory }),
  }
}

/** The first watched term is the judge; where there are several each has its own curve. */
function heldOutMetrics(
  rewards: readonly Pick<OpenTerm, 'source' | 'place' | 'weight'>[],
): readonly MetricName[] {
  const watched = rewards.filter(({ weight }) => weight === 0)
  return [
    ...(watched.length > 0 ? (['reward/judge'] as const) : []),
    ...watched.slice(1).map(({ source, place }) => rewardMetricOf(source, place)),
  ]
}
