/** Sweeps: one recipe with several settings, each try a queued run like any other. */
import { labelOf } from '../../src-shared/fields'
import { recipeOf } from '../../src-shared/recipes/recipes'
import type { Sweep } from '../../src-shared/records/sweep'
import { StudioFailure, type FieldProblem } from '../../src-shared/result'
import type { SweepPlan } from '../../src-shared/sweeps/plan'
import type { Handlers } from '../border/serve'
import { nowAndOnChange } from '../changes/topic'
import type { CheckedLaunch, LaunchRequest } from '../launch/launch-check'
import { stoppingProblem } from '../launch/sweep-measure'
import { triesOf, type Try } from '../launch/sweep-tries'
import { seeded } from '../maths/random'
import { resumeSweep } from '../runs/resume-sweep'
import { nextSweepName } from '../runs/run-names'
import { runOf } from '../store/runs'
import { createSweep, listSweeps, sweepOf } from '../store/sweeps'
import { launching } from './launching'
import type { StudioParts } from './studio-parts'

type SweepRequest = LaunchRequest & { readonly plan: SweepPlan }
type SweepCalls = Pick<
  Handlers['calls'],
  'sweeps.check' | 'sweeps.launch' | 'sweeps.list' | 'sweeps.stop' | 'sweeps.resume'
>

export function sweepCalls(studio: StudioParts): SweepCalls {
  const { db, supervisor, changes } = studio
  const { check, insist } = launching(studio)
  return {
    'sweeps.check': async (request) => {
      const { tries, problems } = planned(request)
      if (problems.length > 0) return { tries, problems }
      const first = await check(withTry(request, tries[0] ?? {}))
      return { tries, problems: first.problems, ...(first.warnings && { warnings: first.warnings }) }
    },
    'sweeps.launch': async (request) => {
      const { tries, problems } = planned(request)
      if (problems.length > 0) throw new StudioFailure({ kind: 'refused-settings', problems })
      const ready: (readonly [LaunchRequest, CheckedLaunch])[] = []
      for (const each of tries) {
        const launch = withTry(request, each)
        ready.push([launch, await insist(launch).catch((error: unknown) => blame(error, each))])
      }
      const sweep = made(studio, request, ready)
      for (const runId of sweep.runIds) supervisor.enqueue(runOf(db, runId))
      changes.sweeps.publish()
      return sweep
    },
    'sweeps.list': () => listSweeps(db),
    'sweeps.stop': ({ sweepId }) => {
      // those that wait first, so that none of them starts when the one that runs has ended
      const runs = sweepOf(db, sweepId).runIds.map((runId) => runOf(db, runId))
      for (const { id } of runs.filter(({ state }) => state === 'queued')) supervisor.stop(id)
      for (const { id } of runs.filter(({ state }) => state === 'running')) supervisor.stop(id)
      return sweepOf(db, sweepId)
    },
    'sweeps.resume': ({ sweepId }) => {
      resumeSweep({ db, supervisor }, sweepId)
      return sweepOf(db, sweepId)
    },
  }
}

export const sweepStreams = ({ db, changes }: StudioParts): Pick<Handlers['streams'], 'sweeps.changes'> => ({
  'sweeps.changes': (_, signal) => nowAndOnChange(changes.sweeps, () => listSweeps(db), signal),
})

/** What it would try, and what is wrong with the plan itself. */
function planned({ recipe, plan }: SweepRequest): ReturnType<typeof triesOf> {
  const problem = stoppingProblem(recipe, plan)
  if (problem !== undefined) return { problems: [{ field: 'sweep', problem }], tries: [] }
  const random = seeded('sweep', plan.draw.by === 'random' ? plan.draw.seed : 0)
  return triesOf(recipeOf(recipe).fields, plan, random)
}

/** Its runs are named like all others: the name that was asked for is the sweep’s. */
function withTry({ plan: _, name: __, ...request }: SweepRequest, each: Try): LaunchRequest {
  return { ...request, settings: { ...request.settings, ...each } }
}

/** What one try is refused for is said with what is tried. */
function blame(error: unknown, each: Try): never {
  if (!(error instanceof StudioFailure) || error.error.kind !== 'refused-settings') throw error
  const tried = Object.entries(each).map(([name, value]) => `${labelOf(name).toLowerCase()} ${value}`)
  const problems: readonly FieldProblem[] = error.error.problems.map(({ field, problem }) => ({
    field,
    problem: `${problem} (with ${tried.join(', ')})`,
  }))
  throw new StudioFailure({ kind: 'refused-settings', problems })
}

function made(
  studio: StudioParts,
  { recipe, plan, name }: SweepRequest,
  ready: readonly (readonly [LaunchRequest, CheckedLaunch])[],
): Sweep {
  const { db, now } = studio
  const { create } = launching(studio)
  return db.transaction(() => {
    const sweepId = createSweep(db, {
      name: name ?? nextSweepName(listSweeps(db)),
      recipe,
      plan,
      createdAtMs: now(),
    })
    for (const [request, checked] of ready) create(request, checked, sweepId)
    return sweepOf(db, sweepId)
  })
}
