/** The inputs of a session from a model's parameters and a batch. */
import type { Batch, HostTensor } from '../engine'
import { BATCH, prefixed, WEIGHT } from '../recording/graphs'
import { settle, type Parameters } from '../parameters'

const known = new WeakMap<Parameters, Batch>()

/** The same tensors each time: a session binds them once. What is held in 8 bits is built into it. */
export function weightFeeds(parameters: Parameters): Batch {
  settle(parameters)
  const feeds = known.get(parameters) ?? prefixed(WEIGHT, viewsOf(parameters))
  known.set(parameters, feeds)
  return feeds
}

export const batchFeeds = (batch: Batch): Batch => prefixed(BATCH, batch)

const viewsOf = (parameters: Parameters): Batch =>
  Object.fromEntries(
    Object.entries(parameters.spec)
      .filter(([name]) => !parameters.held(name))
      .map(([name, shape]): [string, HostTensor] => [name, { shape, data: parameters.view(name) }]),
  )
