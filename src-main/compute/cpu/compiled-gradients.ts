/**
 * Gradients of a batch that comes whole or in parts. Parts are computed side by side, a lane each, as far as
 * there are lanes, and one after the other beyond that: a lane's later parts add to what it has. The lanes
 * are added at the end, by whoever asked.
 */
import type { GradientArrays } from '../training/adamw'
import type { Batch, HostTensor, TrainBody } from '../engine'
import { batchFeeds, weightFeeds } from './feeds'
import type { Graph } from '../graph/graph'
import {
  GRADIENT,
  namesUnder,
  onTopOf,
  openGraphs,
  prefixed,
  recordingsOf,
  SCALAR,
  withAddedGradients,
  withGradients,
  type OpenGraphs,
} from '../recording/graphs'
import { makeTogether } from './lanes'
import type { Ledger } from '../ledger'
import { trainedPart, type Parameters } from '../parameters'
import { recomputing } from '../training/recompute'
import { addingRows, withoutRowSums } from './row-gradients'
import type { Session } from '../session'
import { addedScalars, type GradientSource } from '../training/train-step'

interface Ways {
  readonly open: (threads: number) => (graph: Graph) => Promise<Session>
  readonly threads: number
  readonly recomputes: boolean
  readonly ledger: Ledger
}

/** The graphs of one lane, and where its gradients go. */
interface Lane {
  readonly whole: OpenGraphs<Session>
  /** The same for a part whose gradients are added to those that are there. */
  readonly adding: OpenGraphs<Session>
  readonly gradients: GradientArrays
}

export function compiledGradients(
  parameters: Parameters,
  body: TrainBody,
  { open, threads, recomputes, ledger }: Ways,
): GradientSource {
  const { spec } = trainedPart(parameters)
  const names = Object.keys(spec)
  const rewrite = recomputes ? recomputing : undefined
  const whole = recordingsOf(withGradients(body, names), rewrite)
  const adding = recordingsOf(withAddedGradients(body, names), rewrite)
  /** By how many work side by side. */
  const teams = new Map<number, readonly Lane[]>()
  const trainedBy = new WeakMap<Session, ReadonlySet<string>>()
  const disposals: (() => void)[] = []

  function laneOf(size: number, gradients: GradientArrays): Lane {
    const openLane = async (graph: Graph) => {
      const split = withoutRowSums(graph, (output) => output.startsWith(GRADIENT))
      return addingRows(await open(Math.floor(threads / size))(split.graph), split.rows)
    }
    const lane = {
      whole: openGraphs(whole, openLane, ledger),
      adding: openGraphs(adding, openLane, ledger),
      gradients,
    }
    disposals.push(lane.whole.dispose, lane.adding.dispose)
    return lane
  }

  const teamOf = (gradients: readonly GradientArrays[]): readonly Lane[] =>
    gradients.map((each) => laneOf(gradients.length, each))

  /** One part a lane, at once. */
  async function round(team: readonly Lane[], parts: readonly Batch[], how: 'whole' | 'adding') {
    const batches = parts.map((part, index) =>
      how === 'whole' ? part : onTopOf(tensorsOf((team[index] as Lane).gradients), part),
    )
    return withSessions(
      team.slice(0, parts.length).map((lane) => lane[how]),
      batches,
      (sessions) => {
        const runs = sessions.map((session, index) =>
          session.ready(
            { ...weightFeeds(parameters), ...batchFeeds(batches[index] as Batch) },
            prefixed(GRADIENT, tensorsOf((team[index] as Lane).gradients)),
          ),
        )
        makeTogether(runs)
        const results = runs.map((run) => run.results())
        return { scalars: results.map(scalarsOf), trained: trainedIn(sessions[0] as Session) }
      },
    )
  }

  /** The same set each time: the optimizer remembers what it made of it. */
  function trainedIn(session: Session): ReadonlySet<string> {
    const trained = trainedBy.get(session) ?? new Set(namesUnder(GRADIENT, session.outputs))
    trainedBy.set(session, trained)
    return trained
  }

  const tensorsOf = (gradients: GradientArrays): Batch =>
    Object.fromEntries(
      names.map((name): [string, HostTensor] => [
        name,
        { shape: spec[name] ?? [], data: gradients[name] as Float32Array },
      ]),
    )

  /** Opens what is to run together. */
  function withSessions<R>(
    [graphs, ...others]: readonly OpenGraphs<Session>[],
    [batch = {}, ...rest]: readonly Batch[],
    work: (sessions: readonly Session[]) => R | Promise<R>,
  ): Promise<R> | R {
    return graphs
      ? graphs.use(parameters.spec, batch, (session) =>
          withSessions(others, rest, (sessions) => work([session, ...sessions])),
        )
      : work([])
  }

  return {
    async compute(parts, into) {
      const size = Math.min(into.length, parts.length)
      const team = teams.get(size) ?? teamOf(into.slice(0, size))
      teams.set(size, team)
      const isOneRound = parts.length === size
      if (!isOneRound) for (const lane of team) for (const sum of Object.values(lane.gradients)) sum.fill(0)
      const rounds = []
      for (let start = 0; start < parts.length; start += size)
        rounds.push(await round(team, parts.slice(start, start + size), isOneRound ? 'whole' : 'adding'))
      return {
        scalars: addedScalars(rounds.flatMap(({ scalars }) => scalars)),
        trained: rounds[0]?.trained ?? new Set(),
        lanes: size,
      }
    },
    dispose() {
      for (const dispose of disposals) dispose()
    },
  }
}

const scalarsOf = (results: Record<string, HostTensor>): Record<string, number> =>
  Object.fromEntries(
    namesUnder(SCALAR, Object.keys(results)).map((name) => [name, results[SCALAR + name]?.data[0] ?? NaN]),
  )
