/**
 * Gradients of a batch that comes whole or in parts. Parts are computed side by side, a lane each, as far as there are lanes, and one after the other
 * beyond that: a lane's later parts add to what it has. In the end the lanes are added, in their order, so that a run repeats itself bit by bit.
 */
import type { TrainBody } from './differentiate'
import type { Batch, HostTensor } from './engine'
import { batchFeeds, weightFeeds } from './feeds'
import type { Graph } from './graph'
import { GRADIENT, namesUnder, onTopOf, openGraphs, prefixed, recordingsOf, SCALAR, withAddedGradients, withGradients, type OpenGraphs } from './graphs'
import { makeTogether } from './lanes'
import type { Ledger } from './ledger'
import { sizeOf, trainedPart, type Parameters } from './parameters'
import { recomputing } from './recompute'
import { addingRows, withoutRowSums } from './row-gradients'
import type { Session } from './session'
import { addedScalars, type ComputeGradients, type GradientArrays } from './train-step'

interface Ways {
  readonly open: (threads: number) => (graph: Graph) => Promise<Session>
  readonly threads: number
  /** Most parts computed at once. */
  readonly lanes: number
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

export function compiledGradients(parameters: Parameters, body: TrainBody, { open, threads, lanes: most, recomputes, ledger }: Ways): { readonly compute: ComputeGradients; dispose(): void } {
  const { spec } = trainedPart(parameters), names = Object.keys(spec), rewrite = recomputes ? recomputing : undefined
  const whole = recordingsOf(withGradients(body, names), rewrite), adding = recordingsOf(withAddedGradients(body, names), rewrite)
  /** By how many work side by side. */
  const teams = new Map<number, readonly Lane[]>()
  const trainedBy = new WeakMap<Session, ReadonlySet<string>>()
  const disposals: (() => void)[] = []

  function laneOf(size: number, gradients: GradientArrays): Lane {
    const openLane = async (graph: Graph) => {
      const split = withoutRowSums(graph, output => output.startsWith(GRADIENT))
      return addingRows(await open(Math.floor(threads / size))(split.graph), split.rows)
    }
    const lane = { whole: openGraphs(whole, openLane, ledger), adding: openGraphs(adding, openLane, ledger), gradients }
    disposals.push(lane.whole.dispose, lane.adding.dispose)
    return lane
  }

  function teamOf(size: number, gradients: GradientArrays): readonly Lane[] {
    const own = () => Object.fromEntries(names.map(name => [name, new Float32Array(sizeOf(spec[name] ?? []))]))
    const bytes = (size - 1) * trainedPart(parameters).count * Float32Array.BYTES_PER_ELEMENT
    disposals.push(ledger.hold({ graphs: 0, bytes, dispose() {} }))
    return Array.from({ length: size }, (_, index) => laneOf(size, index === 0 ? gradients : own()))
  }

  /** One part a lane, at once. */
  async function round(team: readonly Lane[], parts: readonly Batch[], how: 'whole' | 'adding') {
    const batches = parts.map((part, index) => (how === 'whole' ? part : onTopOf(tensorsOf((team[index] as Lane).gradients), part)))
    return withSessions(team.slice(0, parts.length).map(lane => lane[how]), batches, sessions => {
      const runs = sessions.map((session, index) => session.ready(
        { ...weightFeeds(parameters), ...batchFeeds(batches[index] as Batch) },
        prefixed(GRADIENT, tensorsOf((team[index] as Lane).gradients)),
      ))
      makeTogether(runs)
      const results = runs.map(run => run.results())
      return { scalars: results.map(scalarsOf), trained: trainedIn(sessions[0] as Session) }
    })
  }

  /** The same set each time: the optimizer remembers what it made of it. */
  function trainedIn(session: Session): ReadonlySet<string> {
    const trained = trainedBy.get(session) ?? new Set(namesUnder(GRADIENT, session.outputs))
    trainedBy.set(session, trained)
    return trained
  }

  const tensorsOf = (gradients: GradientArrays): Batch => Object.fromEntries(names.map((name): [string, HostTensor] => [name, { shape: spec[name] ?? [], data: gradients[name] as Float32Array }]))

  /** Opens what is to run together. */
  function withSessions<R>([graphs, ...others]: readonly OpenGraphs<Session>[], [batch = {}, ...rest]: readonly Batch[], work: (sessions: readonly Session[]) => R | Promise<R>): Promise<R> | R {
    return graphs ? graphs.use(parameters.spec, batch, session => withSessions(others, rest, sessions => work([session, ...sessions]))) : work([])
  }

  return {
    async compute(parts, gradients) {
      const size = Math.min(most, parts.length)
      const team = teams.get(size) ?? teamOf(size, gradients)
      teams.set(size, team)
      const isOneRound = parts.length === size
      if (!isOneRound) for (const lane of team) for (const sum of Object.values(lane.gradients)) sum.fill(0)
      const rounds = []
      for (let start = 0; start < parts.length; start += size) rounds.push(await round(team, parts.slice(start, start + size), isOneRound ? 'whole' : 'adding'))
      const trained = rounds[0]?.trained ?? new Set()
      for (const { gradients: others } of team.slice(1)) for (const name of trained) addTo(gradients[name] as Float32Array, others[name] as Float32Array)
      return { scalars: addedScalars(rounds.flatMap(({ scalars }) => scalars)), trained }
    },
    dispose() {
      for (const dispose of disposals) dispose()
    },
  }
}

const scalarsOf = (results: Record<string, HostTensor>): Record<string, number> =>
  Object.fromEntries(namesUnder(SCALAR, Object.keys(results)).map(name => [name, results[SCALAR + name]?.data[0] ?? NaN]))

function addTo(sum: Float32Array, term: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += term[i]!
}
