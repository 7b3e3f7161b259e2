/**
 * The compiled engine: a program is recorded once per set of shapes, simplified, lowered to ONNX and run by ONNX Runtime on the CPU.
 */
import { differentiate, type TrainBody } from './differentiate'
import type { Batch, Engine, Program, Tensors, Weights } from './engine'
import type { Graph, Input } from './graph'
import { createLedger, type Ledger } from './ledger'
import { lower } from './lower/lower'
import { copyParameters, trainedPart, type Parameters, type ParameterSpec } from './parameters'
import { feedOf, openSession, type Feed, type Session } from './session'
import { simplify } from './simplify'
import type * as tf from './tf'
import { trace } from './trace'
import { createTrainStep, type ComputeGradients } from './train-step'

const WEIGHT = 'weight/', BATCH = 'batch/', SCALAR = 'scalar/', GRADIENT = 'gradient/'

type ProgramBody = (weights: Weights, batch: Tensors) => Readonly<Record<string, tf.Tensor>>

/** @param threads of ONNX Runtime, the caller's own among them */
export function compiledEngine({ threads }: { readonly threads: number }): Engine {
  const ledger = createLedger()
  return {
    device: `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}, compiled`,
    program: body => compiledProgram(body, threads, ledger),
    trainStep(parameters, body, optimizer) {
      const trained = trainedPart(parameters)
      const graphs = compiledGraphs(recordingsOf(withGradients(body, Object.keys(trained.spec))), threads, ledger)
      return createTrainStep(trained, optimizer, ledger, computeGradients(parameters, graphs), graphs.dispose)
    },
    memory: () => ledger.memory(),
    dispose: () => ledger.disposeAll(),
  }
}

function compiledProgram(body: ProgramBody, threads: number, ledger: Ledger): Program {
  const recordings = recordingsOf(body)
  const graphs = compiledGraphs(recordings, threads, ledger)
  return {
    async run(parameters, batch) {
      const session = await graphs.of(parameters.spec, batch)
      return session.run({ ...weightFeeds(parameters), ...batchFeeds(batch) })
    },
    freeze(parameters) {
      const frozen = compiledGraphs(recordings, threads, ledger, constantsOf(copyParameters(parameters)))
      return { run: async batch => (await frozen.of(parameters.spec, batch)).run(batchFeeds(batch)), dispose: frozen.dispose }
    },
    dispose: graphs.dispose,
  }
}

/** The body with the gradients of some weights beside its scalars. */
function withGradients(body: TrainBody, names: readonly string[]): ProgramBody {
  return (weights, batch) => {
    const { scalars, gradients } = differentiate(body, weights, batch, names)
    return { ...prefixed(SCALAR, scalars), ...prefixed(GRADIENT, gradients) }
  }
}

function computeGradients(parameters: Parameters, graphs: CompiledGraphs): ComputeGradients {
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

/** The graph of the body for some shapes, recorded at the first call. */
type Recordings = (spec: ParameterSpec, batch: Batch) => Graph

function recordingsOf(body: ProgramBody): Recordings {
  const recorded = new Map<string, Graph>()
  return (spec, batch) => {
    const key = shapesKey(spec, batch)
    const graph = recorded.get(key) ?? simplify(record(body, spec, batch))
    recorded.set(key, graph)
    return graph
  }
}

interface CompiledGraphs {
  /** The graph for these shapes, compiled at the first call. */
  of(spec: ParameterSpec, batch: Batch): Promise<Session>
  dispose(): void
}

/** @param constants weights that are built in, by the names of inputs */
function compiledGraphs(recordings: Recordings, threads: number, ledger: Ledger, constants?: ReadonlyMap<string, Float32Array>): CompiledGraphs {
  const sessions = new Map<string, Promise<Session>>()
  const releases: (() => void)[] = []
  let isDisposed = false

  async function compile(spec: ParameterSpec, batch: Batch): Promise<Session> {
    const session = await openSession(lower(recordings(spec, batch), constants), threads)
    const release = ledger.hold({ graphs: 1, bytes: session.bytes, dispose: session.dispose })
    releases.push(release)
    if (isDisposed) release()
    return session
  }

  return {
    of(spec, batch) {
      if (isDisposed) return Promise.reject(new Error('this program is disposed'))
      const key = shapesKey(spec, batch)
      const session = sessions.get(key) ?? compile(spec, batch)
      sessions.set(key, session)
      return session
    },
    dispose() {
      isDisposed = true
      for (const release of releases) release()
      sessions.clear()
    },
  }
}

function record(body: ProgramBody, spec: ParameterSpec, batch: Batch): Graph {
  const inputs: Input[] = [
    ...Object.entries(spec).map(([name, shape]) => ({ kind: 'input', name: WEIGHT + name, shape, dtype: 'float32' }) as const),
    ...Object.entries(batch).map(([name, { shape, data }]) => ({ kind: 'input', name: BATCH + name, shape, dtype: data instanceof Float32Array ? 'float32' : 'int32' }) as const),
  ]
  return trace(inputs, tensors => body(under(WEIGHT, tensors), under(BATCH, tensors)))
}

const specKeys = new WeakMap<ParameterSpec, string>()

function shapesKey(spec: ParameterSpec, batch: Batch): string {
  const specKey = specKeys.get(spec) ?? JSON.stringify(spec)
  specKeys.set(spec, specKey)
  return Object.entries(batch).reduce((key, [name, { shape, data }]) => `${key} ${name} ${data instanceof Float32Array ? 'f' : 'i'}${shape.join('x')}`, specKey)
}

const weightFeedsOf = new WeakMap<Parameters, Readonly<Record<string, Feed>>>()

function weightFeeds(parameters: Parameters): Readonly<Record<string, Feed>> {
  const feeds = weightFeedsOf.get(parameters) ?? prefixed(WEIGHT, Object.fromEntries(Object.entries(parameters.spec).map(([name, shape]) => [name, feedOf(shape, parameters.view(name))])))
  weightFeedsOf.set(parameters, feeds)
  return feeds
}

function constantsOf(parameters: Parameters): ReadonlyMap<string, Float32Array> {
  return new Map(Object.keys(parameters.spec).map(name => [WEIGHT + name, parameters.view(name)]))
}

function batchFeeds(batch: Batch): Record<string, Feed> {
  return prefixed(BATCH, Object.fromEntries(Object.entries(batch).map(([name, { shape, data }]) => [name, feedOf(shape, data)])))
}

function prefixed<T>(prefix: string, named: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [prefix + name, value]))
}

function under<T>(prefix: string, named: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(named).flatMap(([name, value]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [])))
}

function namesUnder(prefix: string, names: readonly string[]): string[] {
  return names.flatMap(name => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []))
}
