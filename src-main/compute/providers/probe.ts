/**
 * Tries a GPU provider for real: opens it, computes one product and checks it. A broken driver may hang or
 * end the process that asks, so this runs in a process of its own, which others watch.
 */
import '../no-telemetry'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { Device } from '../../../src-shared/records/device'
import { DeviceFailure, failureOf } from '../device-failure'
import { findGraphicsCard } from './graphics-card'
import { encodeModel } from '../lower/onnx'
import { providersHere, unprobed, type Provider } from './providers'

/** @throws when there can be no such provider on this platform: a bug of the caller */
export async function probeDevice(deviceId: string): Promise<Device> {
  const provider = providersHere().find(({ id }) => id === deviceId)
  if (!provider) throw new Error(`there is no provider "${deviceId}" on this platform`)
  const whyNot = await whyNotUsable(provider)
  const card = whyNot === undefined ? await findGraphicsCard() : undefined
  return {
    ...unprobed(provider, card?.name),
    isUsable: whyNot === undefined,
    ...(whyNot !== undefined && { whyNot }),
    ...(card?.memoryBytes !== undefined && { memoryBytes: card.memoryBytes }),
  }
}

const SIZE = 16

/** @returns undefined when it computes what it should */
async function whyNotUsable({ id, name }: Provider): Promise<string | undefined> {
  try {
    // Rows of ones times a matrix of i: every number of the product is the sum of a column.
    const session = await InferenceSession.create(productModel(), {
      executionProviders: [id],
      logSeverityLevel: 4,
    })
    const a = new Float32Array(SIZE * SIZE).fill(1)
    const b = Float32Array.from({ length: SIZE * SIZE }, (_, i) => i)
    const { product } = await session.run({
      a: new Tensor('float32', a, [SIZE, SIZE]),
      b: new Tensor('float32', b, [SIZE, SIZE]),
    })
    const isRight =
      product !== undefined &&
      Array.from(product.data as Float32Array).every(
        (value, i) => value === SIZE * (i % SIZE) + (SIZE * SIZE * (SIZE - 1)) / 2,
      )
    return isRight ? undefined : 'It computes wrong numbers: its driver is broken.'
  } catch (error) {
    return whyNotLoaded(name, error)
  }
}

function productModel(): Uint8Array {
  const square = (matrix: string) => ({ name: matrix, type: 'float32' as const, shape: [SIZE, SIZE] })
  return encodeModel({
    nodes: [{ op: 'MatMul', domain: '', inputs: ['a', 'b'], outputs: ['product'], attributes: {} }],
    constants: [],
    inputs: [square('a'), square('b')],
    outputs: [square('product')],
  })
}

/** What ONNX Runtime says when a provider does not load, in words for people. */
export function whyNotLoaded(name: string, error: unknown): string {
  const failure = failureOf(error)
  if (failure instanceof DeviceFailure) return failure.message
  const message = error instanceof Error ? error.message : String(error)
  const lastLine =
    message
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .at(-1) ?? message
  return (
    `${name} does not start: ` +
    `${lastLine.replace(/^.*(?:was false\.|Error:|with error:)\s*/, '').slice(0, LONGEST_REASON)}`
  )
}

/** Characters of what a C++ library says. */
const LONGEST_REASON = 300
