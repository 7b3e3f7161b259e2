/**
 * Runs one body on TensorFlow.js's own cpu backend and on the compiled engine, at one thread and at two, each
 * twice: the compiled engine is right when it agrees with TensorFlow.js and with itself.
 */
import fc from 'fast-check'
import { expect } from 'vitest'
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import { eagerEngine } from '../../src-main/compute/tensorflow/eager'
import type { HostTensor } from '../../src-main/compute/engine'
import { differenceOf, runOn } from '../../src-main/compute/selftest/agreement'
import { drawFrom, type Body, type Draw } from '../../src-main/compute/selftest/case'

export const eager = eagerEngine('cpu')
export const compiled = compiledEngine({ threads: 2 })
const alone = compiledEngine({ threads: 1 })

/** Draws of fast-check: a case that fails is made small before it is shown. */
export const drawsOf = (next: fc.GeneratorValue): Draw =>
  drawFrom((least, most) => next(fc.integer, { min: least, max: most }))

export function expectClose(
  actual: Readonly<Record<string, HostTensor>>,
  expected: Readonly<Record<string, HostTensor>>,
  tolerance?: number,
): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected))
  expect(differenceOf(actual, expected, tolerance)).toBeUndefined()
}

export async function expectAgreement(body: Body, inputs: readonly HostTensor[]): Promise<void> {
  const [reference] = await runOn(eager, body, inputs)
  for (const engine of [alone, compiled]) {
    const [first, second] = await runOn(engine, body, inputs, 2)
    expect(second).toEqual(first)
    expectClose(first as Record<string, HostTensor>, reference as Record<string, HostTensor>)
  }
}
