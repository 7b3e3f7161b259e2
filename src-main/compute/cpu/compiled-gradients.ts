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
  prefixed,
  recordingsOf,
  SCALAR,
  withAddedGradients,
  withGradients,
} from '../recording/graphs'
import { openGraphs, type OpenGraphs } from '../recording/opened-graphs'
import { makeTogether } from './lanes'
import type { Ledger } from '../ledger'
import { trainedPart, type Parameters, type ParameterSpec } from '../parameters'
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
  readonly writing: OpenGraphs<Session>
  /** The same for a part whose gradients are added to those that are there. */
  readonly adding: OpenGraphs<Session>
  readonly gradients: Batch
}

export function compiledGradients(parameters: Parameters, body: TrainBody, ways: Ways): GradientSource {
  const teams = openTeams(trainedPart(parameters), body, ways)
  const round = roundsOn(parameters)
  return {
    async compute(parts, into) {
      const size = Math.min(into.length, parts.length)
      const team = teams.ofLanes(into.slice(0, size))
      const isOneRound = parts.length === size
      if (!isOneRound) for (const { gradients } of team) clear(gradients)
      const rounds = []
      for (let start = 0; start < parts.length; start += size)
        rounds.push(await round(team, parts.slice(start, start + size), isOneRound ? 'writing' : 'adding'))
      return {
        scalars: addedScalars(rounds.flatMap(({ scalars }) => scalars)),
        trained: rounds[0]?.trained ?? new Set(),
        lanes: size,
      }
    },
    dispose: teams.dispose,
  }
}

function clear(gradients: Batch): void {
  for (const { data } of Object.values(gradients)) data.fill(0)
}

/** Lanes that work side by side, by how many they are: each has its share of the threads. */
interface Teams {
  /** @param gradients where those of each lane go; the same for every team of a size */
  ofLanes(gradients: readonly GradientArrays[]): readonly Lane[]
  dispose(): void
}

function openTeams(
  { spec }: Parameters,
  body: TrainBody,
  { open, threads, recomputes, ledger }: Ways,
): Teams {
  const names = Object.keys(spec)
  const rewrite = recomputes ? recomputing : undefined
  const writing = recordingsOf(withGradients(body, names), rewrite)
  const adding = recordingsOf(withAddedGradients(body, names), rewrite)
  const teams = new Map<number, readonly Lane[]>()

  function laneOf(size: number, gradients: GradientArrays): Lane {
    const openLane = async (graph: Graph) => {
      const split = withoutRowSums(graph, (output) => output.startsWith(GRADIENT))
      return addingRows(await open(Math.floor(threads / size))(split.graph), split.rows)
    }
    return {
      writing: openGraphs(writing, openLane, ledger),
      adding: openGraphs(adding, openLane, ledger),
      gradients: tensorsOf(spec, gradients),
    }
  }

  return {
    ofLanes(gradients) {
      const size = gradients.length
      const team = teams.get(size) ?? gradients.map((each) => laneOf(size, each))
      teams.set(size, team)
      return team
    },
    dispose() {
      for (const { writing, adding } of [...teams.values()].flat()) {
        writing.dispose()
        adding.dispose()
      }
    },
  }
}

const tensorsOf = (spec: ParameterSpec, gradients: GradientArrays): Batch =>
  Object.fromEntries(
    Object.entries(spec).map(([name, shape]) => [name, { shape, data: gradients[name] as Float32Array }]),
  )

/** @returns runs one part a lane, at once */
function roundsOn(parameters: Parameters) {
  const trainedBy = new WeakMap<Session, ReadonlySet<string>>()

  /** The same set each time: the optimizer remembers what it made of it. */
  function trainedIn(session: Session): ReadonlySet<string> {
    const trained = trainedBy.get(session) ?? new Set(namesUnder(GRADIENT, session.outputs))
    trainedBy.set(session, trained)
    return trained
  }

  return (team: readonly Lane[], parts: readonly Batch[], how: 'writing' | 'adding') => {
    const lanes = parts.map((part, index) => {
      const { gradients, [how]: graphs } = team[index] as Lane
      return { graphs, gradients, batch: how === 'writing' ? part : onTopOf(gradients, part) }
    })
    return withSessions(parameters.spec, lanes, (sessions) => {
      const runs = lanes.map(({ batch, gradients }, index) =>
        (sessions[index] as Session).ready(
          { ...weightFeeds(parameters), ...batchFeeds(batch) },
          prefixed(GRADIENT, gradients),
        ),
      )
      makeTogether(runs)
      const results = runs.map((run) => run.results())
      return { scalars: results.map(scalarsOf), trained: trainedIn(sessions[0] as Session) }
    })
  }
}

/** Opens what is to run together. */
export async function withSessions<R>(
  spec: ParameterSpec,
  [first, ...others]: readonly { readonly graphs: OpenGraphs<Session>; readonly batch: Batch }[],
  work: (sessions: readonly Session[]) => R,
): Promise<R> {
  if (!first) return work([])
  return first.graphs.use(spec, first.batch, (session) =>
    withSessions(spec, others, (sessions) => work([session, ...sessions])),
  )
}

const scalarsOf = (results: Record<string, HostTensor>): Record<string, number> =>
  Object.fromEntries(
    namesUnder(SCALAR, Object.keys(results)).map((name) => [name, results[SCALAR + name]?.data[0] ?? NaN]),
  )
