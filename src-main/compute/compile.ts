/**
 * The compiled engine: a program is recorded once per set of shapes, simplified, lowered to ONNX and run by ONNX Runtime, on the CPU or on a
 * provider that takes host memory.
 */
import type { Batch, Engine, Program } from './engine'
import type { Graph } from './graph'
import { BATCH, GRADIENT, namesUnder, onTopOf, openGraphs, prefixed, recordingsOf, SCALAR, WEIGHT, withAddedGradients, withGradients, type OpenGraphs, type ProgramBody } from './graphs'
import { createLedger, type Ledger } from './ledger'
import { frozenInputs, withoutEightBits, type FrozenInputs } from './frozen'
import { lower } from './lower/lower'
import type { Target } from './lower/target'
import { machineMemory } from './machine-memory'
import { settle, trainedPart, type Parameters } from './parameters'
import { addPlacements, nothingPlaced, type Placement } from './placement'
import { recomputing } from './recompute'
import { addingRows, withoutRowSums } from './row-gradients'
import { feedOf, openSession, type Feed, type Session } from './session'
import { addedScalars, createTrainStep, type ComputeGradients, type Gradients } from './train-step'

export interface CompiledSettings {
  /** Of ONNX Runtime, the caller's own among them. */
  readonly threads: number
  /** Another of ONNX Runtime's providers than the CPU's; weights are copied to it with every run. */
  readonly provider?: { readonly target: Target; readonly device: string }
  /** Room for opened graphs; beyond it those that nobody has used for longest are let go. Half of what the machine has, unless told. */
  readonly graphBytes?: number
}

/** Opens a graph. @param frozen weights that are built in */
type Open = (frozen?: FrozenInputs) => (graph: Graph) => Promise<Session>

export function compiledEngine({ threads, provider, graphBytes = machineMemory().totalBytes / 2 }: CompiledSettings): Engine {
  const ledger = createLedger(graphBytes)
  let placed = nothingPlaced
  const settings = provider ? { threads, target: provider.target, onPlacement: (placement: Placement) => { placed = addPlacements(placed, placement) } } : { threads }
  const open: Open = frozen => graph => openSession(lower(graph, frozen, provider?.target), settings)
  const openTraining = async (whole: Graph) => {
    const { graph, rows } = withoutRowSums(whole, output => output.startsWith(GRADIENT))
    return addingRows(await open()(graph), rows)
  }
  return {
    device: provider?.device ?? `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}, compiled`,
    program: body => (provider ? withoutEightBits(compiledProgram(body, open, ledger)) : compiledProgram(body, open, ledger)),
    trainStep(parameters, body, optimizer, how) {
      const trained = trainedPart(parameters), names = Object.keys(trained.spec)
      const opened = (withThem: ProgramBody) => openGraphs(recordingsOf(withThem, how?.recomputes ? recomputing : undefined), openTraining, ledger)
      const graphs = opened(withGradients(body, names)), adding = opened(withAddedGradients(body, names))
      return createTrainStep(trained, optimizer, ledger, computeGradients(parameters, graphs, adding), () => {
        graphs.dispose()
        adding.dispose()
      })
    },
    memory: () => ledger.memory(),
    placement: () => placed,
    dispose: () => ledger.disposeAll(),
  }
}

function compiledProgram(body: ProgramBody, open: Open, ledger: Ledger): Program {
  const recordings = recordingsOf(body)
  const graphs = openGraphs(recordings, open(), ledger)
  return {
    run: (parameters, batch) => graphs.use(parameters.spec, batch, session => session.run({ ...weightFeeds(parameters), ...batchFeeds(batch) })),
    freeze(parameters, format = 'as-they-are') {
      const frozen = openGraphs(recordings, open(frozenInputs(parameters, format)), ledger)
      return { run: batch => frozen.use(parameters.spec, batch, session => session.run(batchFeeds(batch))), dispose: frozen.dispose }
    },
    dispose: graphs.dispose,
  }
}

/** @param adding the same for a part of a batch; its sums come in and go out in the same memory */
function computeGradients(parameters: Parameters, graphs: OpenGraphs<Session>, adding: OpenGraphs<Session>): ComputeGradients {
  const trainedBy = new WeakMap<Session, ReadonlySet<string>>()
  let into: Record<string, Feed> | undefined
  const run = (on: OpenGraphs<Session>, batch: Batch) => on.use(parameters.spec, batch, async session => {
    const trained = trainedBy.get(session) ?? new Set(namesUnder(GRADIENT, session.outputs))
    trainedBy.set(session, trained)
    const results = await session.run({ ...weightFeeds(parameters), ...batchFeeds(batch) }, into)
    const scalars = namesUnder(SCALAR, session.outputs).map(name => [name, results[SCALAR + name]?.data[0] ?? NaN] as const)
    return { scalars: Object.fromEntries(scalars), trained }
  })
  return async ([first = {}, ...others], gradients) => {
    const sums: Batch = Object.fromEntries(Object.entries(gradients).map(([name, data]) => [name, { shape: parameters.spec[name] ?? [], data }]))
    into ??= prefixed(GRADIENT, Object.fromEntries(Object.entries(sums).map(([name, { shape, data }]) => [name, feedOf(shape, data)])))
    if (others.length === 0) return run(graphs, first)
    for (const sum of Object.values(gradients)) sum.fill(0)
    const done: Gradients[] = []
    for (const part of [first, ...others]) done.push(await run(adding, onTopOf(sums, part)))
    return { scalars: addedScalars(done.map(({ scalars }) => scalars)), trained: done[0]?.trained ?? new Set() }
  }
}

const weightFeedsOf = new WeakMap<Parameters, Readonly<Record<string, Feed>>>()

function weightFeeds(parameters: Parameters): Readonly<Record<string, Feed>> {
  const feeds = weightFeedsOf.get(parameters) ?? prefixed(WEIGHT, Object.fromEntries(Object.entries(parameters.spec).map(([name, shape]) => [name, feedOf(shape, parameters.view(name))])))
  weightFeedsOf.set(parameters, feeds)
  settle(parameters)
  return feeds
}

function batchFeeds(batch: Batch): Record<string, Feed> {
  return prefixed(BATCH, Object.fromEntries(Object.entries(batch).map(([name, { shape, data }]) => [name, feedOf(shape, data)])))
}
