/** A sweep's plan from the flags of `studio sweep RECIPE`. */
import { kebabCase } from '../../src-shared/fields'
import { metrics, type MetricName } from '../../src-shared/metrics'
import type { KnownRecipe } from '../../src-shared/recipes/recipes'
import { StudioFailure } from '../../src-shared/result'
import { axisFrom } from '../../src-shared/sweeps/axis-text'
import { usualOthers, type SweepAxis, type SweepPlan } from '../../src-shared/sweeps/plan'
import type { OptionValues } from './recipe-options'

/** @throws StudioFailure invalid-input, with the flag as it was written */
export function planFrom(recipe: KnownRecipe, options: OptionValues): SweepPlan {
  const { over, random, drawSeed, metric, stopEarly } = options
  return {
    axes: [over ?? []].flat().map((each) => axisOf(recipe, String(each))),
    draw:
      random === undefined
        ? { by: 'grid' }
        : {
            by: 'random',
            runs: wholeNumber('--random', random),
            seed: wholeNumber('--draw-seed', drawSeed ?? 0),
          },
    ...(metric !== undefined && { metric: metricOf(String(metric)) }),
    ...(stopEarly !== undefined && {
      stopping: { afterStep: wholeNumber('--stop-early', stopEarly), leastOthers: usualOthers },
    }),
  }
}

function axisOf({ fields }: KnownRecipe, text: string): SweepAxis {
  const [flag = '', ...rest] = text.split('=')
  const asked = flag.trim().replace(/^--/, '')
  const setting = Object.keys(fields).find((name) => name === asked || kebabCase(name) === asked)
  if (setting === undefined || rest.length === 0)
    throw wrong(
      '--over',
      rest.length === 0
        ? `“${text}” says no values: write it like beta=0.05,0.1`
        : `“${asked}” is not a setting of this recipe`,
    )
  const axis = axisFrom(
    setting,
    (fields as Readonly<Record<string, (typeof fields)[keyof typeof fields]>>)[setting]!,
    rest.join('='),
  )
  if ('problem' in axis) throw wrong(`--over ${asked}`, axis.problem)
  return axis
}

function wholeNumber(flag: string, given: unknown): number {
  const value = Number(given)
  if (!Number.isInteger(value) || value < 0) throw wrong(flag, 'must be a whole number')
  return value
}

function metricOf(name: string): MetricName {
  if (!Object.hasOwn(metrics, name))
    throw wrong('--metric', `“${name}” is no metric: it is written like accuracy/held-out`)
  return name as MetricName
}

const wrong = (field: string, problem: string): StudioFailure =>
  new StudioFailure({ kind: 'invalid-input', field, problem })
