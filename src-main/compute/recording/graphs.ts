/** The graphs of a program, recorded once per set of shapes; `opened-graphs.ts` has them where they run. */
import { differentiate } from './differentiate'
import type { Batch, ProgramBody, TrainBody } from '../engine'
import type { Graph, Input } from '../graph/graph'
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

const specKeys = new WeakMap<ParameterSpec, string>()

/** A text for each set of shapes. */
export function shapesKey(spec: ParameterSpec, batch: Batch): string {
  const specKey = specKeys.get(spec) ?? JSON.stringify(spec)
  specKeys.set(spec, specKey)
  return Object.entries(batch).reduce(
    (key, [name, { shape, data }]) =>
      `${key} ${name} ${data instanceof Float32Array ? 'f' : 'i'}${shape.join('x')}`,
    specKey,
  )
}
