/**
 * The compiled engine: a program is recorded once per set of shapes, simplified, lowered to ONNX and run by ONNX Runtime on the CPU.
 */
import type { Batch, Engine, Program } from './engine'
import type { Graph } from './graph'
import { BATCH, GRADIENT, namesUnder, openGraphs, prefixed, recordingsOf, SCALAR, WEIGHT, withGradients, type OpenGraphs, type ProgramBody } from './graphs'
import { createLedger, type Ledger } from './ledger'
import { lower } from './lower/lower'
import { copyParameters, settle, trainedPart, type Parameters } from './parameters'
import { nothingPlaced } from './placement'
import { feedOf, openSession, type Feed, type Session } from './session'
import { createTrainStep, type ComputeGradients } from './train-step'

/** @param threads of ONNX Runtime, the caller's own among them */
export function compiledEngine({ threads }: { readonly threads: number }): Engine {
  const ledger = createLedger()
  return {
    device: `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}, compiled`,
    program: body => compiledProgram(body, threads, ledger),
    trainStep(parameters, body, optimizer) {
      const trained = trainedPart(parameters)
      const graphs = openGraphs(recordingsOf(withGradients(body, Object.keys(trained.spec))), sessionsOn(threads), ledger)
      return createTrainStep(trained, optimizer, ledger, computeGradients(parameters, graphs), graphs.dispose)
    },
    memory: () => ledger.memory(),
    placement: () => nothingPlaced,
    dispose: () => ledger.disposeAll(),
  }
}

function compiledProgram(body: ProgramBody, threads: number, ledger: Ledger): Program {
  const recordings = recordingsOf(body)
  const graphs = openGraphs(recordings, sessionsOn(threads), ledger)
  return {
    async run(parameters, batch) {
      const session = await graphs.of(parameters.spec, batch)
      return session.run({ ...weightFeeds(parameters), ...batchFeeds(batch) })
    },
    freeze(parameters) {
      const frozen = openGraphs(recordings, sessionsOn(threads, constantsOf(copyParameters(parameters))), ledger)
      return { run: async batch => (await frozen.of(parameters.spec, batch)).run(batchFeeds(batch)), dispose: frozen.dispose }
    },
    dispose: graphs.dispose,
  }
}

/** @param constants weights that are built in, by the names of inputs */
function sessionsOn(threads: number, constants?: ReadonlyMap<string, Float32Array>): (graph: Graph) => Promise<Session> {
  return graph => openSession(lower(graph, constants), threads)
}

function computeGradients(parameters: Parameters, graphs: OpenGraphs<Session>): ComputeGradients {
  const trainedBy = new WeakMap<Session, ReadonlySet<string>>()
  let into: Record<string, Feed> | undefined
  return async (batch, gradients) => {
    const session = await graphs.of(parameters.spec, batch)
    into ??= prefixed(GRADIENT, Object.fromEntries(Object.entries(gradients).map(([name, view]) => [name, feedOf(parameters.spec[name] ?? [], view)])))
    const trained = trainedBy.get(session) ?? new Set(namesUnder(GRADIENT, session.outputs))
    trainedBy.set(session, trained)
    const results = await session.run({ ...weightFeeds(parameters), ...batchFeeds(batch) }, into)
    const scalars = namesUnder(SCALAR, session.outputs).map(name => [name, results[SCALAR + name]?.data[0] ?? NaN] as const)
    return { scalars: Object.fromEntries(scalars), trained }
  }
}

const weightFeedsOf = new WeakMap<Parameters, Readonly<Record<string, Feed>>>()

function weightFeeds(parameters: Parameters): Readonly<Record<string, Feed>> {
  const feeds = weightFeedsOf.get(parameters) ?? prefixed(WEIGHT, Object.fromEntries(Object.entries(parameters.spec).map(([name, shape]) => [name, feedOf(shape, parameters.view(name))])))
  weightFeedsOf.set(parameters, feeds)
  settle(parameters)
  return feeds
}

function constantsOf(parameters: Parameters): ReadonlyMap<string, Float32Array> {
  return new Map(Object.keys(parameters.spec).map(name => [WEIGHT + name, parameters.view(name)]))
}

function batchFeeds(batch: Batch): Record<string, Feed> {
  return prefixed(BATCH, Object.fromEntries(Object.entries(batch).map(([name, { shape, data }]) => [name, feedOf(shape, data)])))
}
