/**
 * A run, or a sweep of runs, as a file that people read and write: the recipe, its settings, what it is made from by
 * name, where it runs. JSON.
 */
import { z } from 'zod'
import { name } from './launch-schema'
import { metricNames } from './metrics'
import { recipeNames, recipeOf, type RecipeName } from './recipes/recipes'
import { StudioFailure } from './result'
import { axisFrom } from './sweeps/axis-text'
import { mostSwept, usualOthers, type SweepAxis, type SweepPlan } from './sweeps/plan'

const value = z.union([z.number(), z.string()], { error: 'must be a number or a text' })
const count = z.number().int().min(0)

const wantedSource = 'must be a name, or {"name": …, "hash": …}'

/** By its name; the hash tells apart what goes by the same one, and is optional. */
const source = z.union(
  [z.string().min(1), z.strictObject({ name: z.string().min(1), hash: z.string().optional() })],
  {
    error: wantedSource,
  },
)

const sweepPart = z.strictObject({
  over: z.record(
    z.string(),
    z.union([z.array(value), z.string()], { error: 'must be a list, or a range as text' }),
  ),
  random: count.min(1).max(mostSwept).optional(),
  seed: count.optional(),
  metric: z.enum(metricNames).optional(),
  stopEarly: z
    .union([count, z.strictObject({ afterUpdate: count, leastOthers: count.min(1).max(mostSwept) })])
    .optional(),
})

const fileShape = z.strictObject({
  recipe: z.enum(recipeNames, { error: `must be one of ${recipeNames.join(', ')}` }),
  name: name.optional(),
  settings: z.record(z.string(), value).default({}),
  inputs: z.record(z.string(), z.union([source, z.array(source)], { error: wantedSource })).default({}),
  device: z.string().min(1).optional(),
  threads: z.number().optional(),
  sweep: sweepPart.optional(),
})

export interface FileInput {
  readonly name: string
  readonly hash?: string
}

export interface RunFile {
  readonly recipe: RecipeName
  readonly name?: string
  readonly settings: Readonly<Record<string, number | string>>
  readonly inputs: Readonly<Record<string, readonly FileInput[]>>
  readonly device?: string
  readonly threads?: number
  /** Where it is a sweep. */
  readonly plan?: SweepPlan
}

/** @throws StudioFailure refused-file: which part of it, and what is wrong with that */
export function readRunFile(file: string, text: string): RunFile {
  const parsed = fileShape.safeParse(jsonIn(file, text))
  if (!parsed.success) throw refused(file, issueText(parsed.error.issues[0]))
  const { recipe, sweep, inputs, name, device, threads, settings } = parsed.data
  return {
    recipe,
    settings,
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([key, given]) => [key, [given].flat().map(named)]),
    ),
    ...(name !== undefined && { name }),
    ...(device !== undefined && { device }),
    ...(threads !== undefined && { threads }),
    ...(sweep && { plan: planIn(file, recipe, sweep) }),
  }
}

function jsonIn(file: string, text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw refused(file, `is no JSON: ${(error as Error).message}`)
  }
}

const named = (given: z.infer<typeof source>): FileInput =>
  typeof given === 'string'
    ? { name: given }
    : { name: given.name, ...(given.hash !== undefined && { hash: given.hash }) }

function planIn(file: string, recipe: RecipeName, part: z.infer<typeof sweepPart>): SweepPlan {
  const { over, random, seed = 0, metric, stopEarly } = part
  const axes = Object.entries(over).map(([setting, given]) => axisIn(file, recipe, setting, given))
  if (axes.length === 0) throw refused(file, '"sweep.over" names no setting to try')
  return {
    axes,
    draw: random === undefined ? { by: 'grid' } : { by: 'random', runs: random, seed },
    ...(metric && { metric }),
    ...(stopEarly !== undefined && { stopping: stoppingIn(stopEarly) }),
  }
}

function stoppingIn(
  given: NonNullable<z.infer<typeof sweepPart>['stopEarly']>,
): NonNullable<SweepPlan['stopping']> {
  return typeof given === 'number'
    ? { afterStep: given, leastOthers: usualOthers }
    : { afterStep: given.afterUpdate, leastOthers: given.leastOthers }
}

function axisIn(
  file: string,
  recipe: RecipeName,
  setting: string,
  given: string | readonly (number | string)[],
): SweepAxis {
  if (typeof given !== 'string') return { setting, values: [...given] }
  const { fields } = recipeOf(recipe)
  const field = Object.hasOwn(fields, setting) ? fields[setting] : undefined
  const axis = field ? axisFrom(setting, field, given) : { problem: 'is not a setting of this recipe' }
  if ('problem' in axis) throw refused(file, `"sweep.over.${setting}" ${axis.problem}`)
  return axis
}

function issueText(issue: z.core.$ZodIssue | undefined): string {
  const at = issue?.path.length ? `"${issue.path.join('.')}" ` : ''
  if (issue?.code === 'unrecognized_keys') return `${at}has "${issue.keys[0]}", which no run has`
  if (issue?.code === 'invalid_type' && issue.message.includes('undefined')) return `${at}is missing`
  return `${at}${issue?.message ?? 'is not valid'}`
}

const refused = (file: string, problem: string): StudioFailure =>
  new StudioFailure({ kind: 'refused-file', file, problem })
