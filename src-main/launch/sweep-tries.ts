/** A sweep's plan as the settings of its runs. */
import { schemaOf, type Field, type Fields } from '../../src-shared/fields'
import type { FieldProblem } from '../../src-shared/result'
import { mostSwept, type SweepAxis, type SweepPlan } from '../../src-shared/sweeps/plan'
import { randomIndex, type Random } from '../maths/random'

type Value = number | string
/** The swept settings of one run. */
export type Try = Readonly<Record<string, Value>>

export interface Tries {
  readonly problems: readonly FieldProblem[]
  readonly tries: readonly Try[]
}

/** A range is drawn from in so many digits: more say nothing, and none reads them. */
const digits = 4
/** Draws for one run before it is said that there are no more different ones. */
const mostDraws = 200

export function triesOf(fields: Fields, { axes, draw }: SweepPlan, random: Random): Tries {
  const problems = [...doubled(axes), ...axes.flatMap((axis) => axisProblems(fields, axis, draw.by))]
  if (problems.length > 0) return { problems, tries: [] }
  const values = axes.map((axis) => sourceOf(axis, fields[axis.setting]!))
  return draw.by === 'grid' ? grid(values) : drawn(values, draw.runs, random)
}

interface Source {
  readonly setting: string
  /** Every value that a grid takes. */
  readonly all: readonly Value[]
  draw(random: Random): Value
}

function sourceOf(axis: SweepAxis, field: Field): Source {
  const { setting } = axis
  if ('values' in axis) {
    const all = [...new Set(axis.values)]
    return { setting, all, draw: (random) => all[randomIndex(all.length, random)]! }
  }
  const { points = 0 } = axis
  const all = Array.from({ length: points }, (_, index) => along(axis, index / (points - 1), field))
  return { setting, all: [...new Set(all)], draw: (random) => along(axis, random(), field) }
}

/** The value at a share of the way, within the ends whatever is rounded. */
function along(
  { from, to, scale }: Extract<SweepAxis, { from: number }>,
  share: number,
  field: Field,
): number {
  const value = scale === 'log' ? from * (to / from) ** share : from + (to - from) * share
  const rounded = field.type === 'integer' ? Math.round(value) : Number(value.toPrecision(digits))
  return Math.min(Math.max(from, to), Math.max(Math.min(from, to), rounded))
}

function grid(sources: readonly Source[]): Tries {
  const count = sources.reduce((product, { all }) => product * all.length, 1)
  if (count > mostSwept)
    return {
      problems: [
        {
          field: 'sweep',
          problem:
            `makes ${count.toLocaleString('en')} runs; at most ${mostSwept} are made at once. ` +
            'Try fewer values, or draw at random',
        },
      ],
      tries: [],
    }
  const tries = sources.reduce<readonly Try[]>(
    (before, { setting, all }) =>
      before.flatMap((each) => all.map((value) => ({ ...each, [setting]: value }))),
    [{}],
  )
  return { problems: [], tries }
}

/** No two alike: a second run of the same settings and seed would only say the same again. */
function drawn(sources: readonly Source[], runs: number, random: Random): Tries {
  const tries = new Map<string, Try>()
  for (let draws = 0; tries.size < runs && draws < runs * mostDraws; draws++) {
    const each = Object.fromEntries(sources.map(({ setting, draw }) => [setting, draw(random)]))
    tries.set(JSON.stringify(each), each)
  }
  if (tries.size === runs) return { problems: [], tries: [...tries.values()] }
  return {
    problems: [
      {
        field: 'sweep',
        problem:
          `has only ${tries.size} different combinations for ${runs} runs: ` +
          'ask for fewer, or for the grid of all',
      },
    ],
    tries: [],
  }
}

function doubled(axes: readonly SweepAxis[]): readonly FieldProblem[] {
  const settings = axes.map(({ setting }) => setting)
  return [...new Set(settings.filter((each, index) => settings.indexOf(each) !== index))].map((field) => ({
    field,
    problem: 'is swept twice',
  }))
}

function axisProblems(fields: Fields, axis: SweepAxis, by: 'grid' | 'random'): readonly FieldProblem[] {
  const field = Object.hasOwn(fields, axis.setting) ? fields[axis.setting] : undefined
  const said = (problem: string): readonly FieldProblem[] => [{ field: axis.setting, problem }]
  if (!field) return said('is not a setting of this recipe')
  if ('values' in axis)
    return axis.values.flatMap((value) => {
      const problem = valueProblem(field, value)
      return problem === undefined ? [] : said(`${value}: ${problem}`)
    })
  if (field.type === 'choice' || field.type === 'text') return said('has no range: list its values')
  if (axis.from >= axis.to) return said(`ends before it begins: from ${axis.from} to ${axis.to}`)
  if (axis.scale === 'log' && axis.from <= 0) return said('must begin above 0 to be spread by powers (log)')
  if (by === 'grid' && axis.points === undefined)
    return said(
      `has no end of values in a grid: say how many, like ${axis.from}..${axis.to} ${axis.scale} 5, or draw at random`,
    )
  const problem = valueProblem(field, axis.from) ?? valueProblem(field, axis.to)
  return problem === undefined ? [] : said(problem)
}

const valueProblem = (field: Field, value: Value): string | undefined =>
  schemaOf(field).safeParse(value).error?.issues[0]?.message
