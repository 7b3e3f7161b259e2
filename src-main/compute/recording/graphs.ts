/**
 * The graphs of a program: recorded once per set of shapes, and opened once per set of shapes by whoever runs
 * them.
 */
import { differentiate } from './differentiate'
import type { Batch, ProgramBody, TrainBody } from '../engine'
import type { Graph, Input } from '../graph/graph'
import type { Ledger, ShelfPlace } from '../ledger'
import type { ParameterSpec } from '../parameters'
import { areSameGraphs } from '../graph/same-graph'
import { simplify } from '../graph/simplify'
import * as tf from '../tf'
import { trace } from './trace'

/** What stands before the names of a graph's inputs and outputs, by what they are. */
export const WEIGHT = 'weight/'
export const BATCH = 'batch/'
export const SCALAR = 'scalar/'
export const GRADIENT = 'gradient/'

/** The body with the gradients of some weights beside its scalars. */
export function withGradients(body: TrainBody, names: readonly string[]): ProgramBody {
  return (weights, batch) => {
    const { scalars, gradients } = differentiate(body, weights, batch, names)
    return { ...prefixed(SCALAR, scalars), ...prefixed(GRADIENT, gradients) }
  }
}

/** Before the names of what a part's gradients are added to: those of the parts before it, in the batch. */
const SUM = 'sum/'

/**
 * The same for one part of a batch: the gradients of the parts before it come in, and go out with its own
 * added.
 */
export function withAddedGradients(body: TrainBody, names: readonly string[]): ProgramBody {
  return (weights, batch) => {
    const part = Object.fromEntries(Object.entries(batch).filter(([name]) => !name.startsWith(SUM)))
    const { scalars, gradients } = differentiate(body, weights, part, names)
    const added = Object.entries(gradients).map(
      ([name, gradient]) => [name, tf.add(batch[SUM + name] as tf.Tensor, gradient)] as const,
    )
    return { ...prefixed(SCALAR, scalars), ...prefixed(GRADIENT, Object.fromEntries(added)) }
  }
}

/** A part of a batch with what its gradients are added to. */
export const onTopOf = (sums: Batch, part: Batch): Batch => ({ ...part, ...prefixed(SUM, sums) })

/** Whose sum of gradients an input is, if it is one. */
export const summedIn = (input: string): string | undefined =>
  input.startsWith(BATCH + SUM) ? input.slice((BATCH + SUM).length) : undefined

/**
 * The graph of the body for some shapes, recorded at the first call.
 * @throws when the program is not the same each time it is recorded
 */
export type Recordings = (spec: ParameterSpec, batch: Batch) => Graph

/** @param rewrite makes another graph of the same numbers */
export function recordingsOf(
  body: ProgramBody,
  rewrite: (graph: Graph) => Graph = (graph) => graph,
): Recordings {
  const recorded = new Map<string, Graph>()
  return (spec, batch) => {
    const key = shapesKey(spec, batch)
    const graph =
      recorded.get(key) ??
      rewrite(simplify(recorded.size === 0 ? recordTwice(body, spec, batch) : record(body, spec, batch)))
    recorded.set(key, graph)
    return graph
  }
}

/** What is not the same twice would be frozen as it was when it was recorded. */
function recordTwice(body: ProgramBody, spec: ParameterSpec, batch: Batch): Graph {
  const graph = record(body, spec, batch)
  if (areSameGraphs(graph, record(body, spec, batch))) return graph
  throw new Error(
    'the program is another one each time it is recorded: what changes, such as a random draw, a counter ' +
      'or a time, must come in with the batch',
  )
}

/** What a graph has become where it runs. */
export interface OpenGraph {
  /** Of all that it keeps while it is open. */
  readonly bytes: number
  dispose(): void
}

export interface OpenGraphs<T extends OpenGraph> {
  /**
   * Works with the graph for these shapes, which is opened when it is not: at the first call, or when it was
   * let go to make room.
   */
  use<R>(spec: ParameterSpec, batch: Batch, work: (graph: T) => R | Promise<R>): Promise<R>
  dispose(): void
}

/** One set of shapes. */
interface Entry<T> {
  readonly graph: Promise<T>
  /** Once it is open. */
  place?: ShelfPlace
  users: number
}

export function openGraphs<T extends OpenGraph>(
  recordings: Recordings,
  open: (graph: Graph) => Promise<T>,
  ledger: Ledger,
): OpenGraphs<T> {
  const entries = new Map<string, Entry<T>>()
  let isDisposed = false

  function enter(key: string, spec: ParameterSpec, batch: Batch): Entry<T> {
    const entry: Entry<T> = { graph: openAndShelve(), users: 0 }
    async function openAndShelve(): Promise<T> {
      const graph = await open(recordings(spec, batch))
      const dispose = () => {
        entries.delete(key)
        graph.dispose()
      }
      entry.place = ledger.shelve({ graphs: 1, bytes: graph.bytes, isIdle: () => entry.users === 0, dispose })
      if (isDisposed) entry.place.release()
      return graph
    }
    entries.set(key, entry)
    entry.graph.catch(() => entries.delete(key)) // asked again, it is tried again
    return entry
  }

  return {
    async use(spec, batch, work) {
      if (isDisposed) throw new Error('this program is disposed')
      const key = shapesKey(spec, batch)
      const entry = entries.get(key) ?? enter(key, spec, batch)
      entry.users++
      try {
        const graph = await entry.graph
        entry.place?.used()
        return await work(graph)
      } finally {
        entry.users--
      }
    },
    dispose() {
      isDisposed = true
      for (const { place } of entries.values()) place?.release()
    },
  }
}

function record(body: ProgramBody, spec: ParameterSpec, batch: Batch): Graph {
  const inputs: Input[] = [
    ...Object.entries(spec).map(
      ([name, shape]) => ({ kind: 'input', name: WEIGHT + name, shape, dtype: 'float32' }) as const,
    ),
    ...Object.entries(batch).map(
      ([name, { shape, data }]) =>
        ({
          kind: 'input',
          name: BATCH + name,
          shape,
          dtype: data instanceof Float32Array ? 'float32' : 'int32',
        }) as const,
    ),
  ]
  return trace(inputs, (tensors) => body(under(WEIGHT, tensors), under(BATCH, tensors)))
}

const specKeys = new WeakMap<ParameterSpec, string>()

function shapesKey(spec: ParameterSpec, batch: Batch): string {
  const specKey = specKeys.get(spec) ?? JSON.stringify(spec)
  specKeys.set(spec, specKey)
  return Object.entries(batch).reduce(
    (key, [name, { shape, data }]) =>
      `${key} ${name} ${data instanceof Float32Array ? 'f' : 'i'}${shape.join('x')}`,
    specKey,
  )
}

export function prefixed<T>(prefix: string, named: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [prefix + name, value]))
}

function under<T>(prefix: string, named: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  )
}

export function namesUnder(prefix: string, names: readonly string[]): string[] {
  return names.flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []))
}
