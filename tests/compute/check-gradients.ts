/** Gradients against finite differences, in float64: what is wrong there is a formula, not a rounding. */
import { expect } from 'vitest'
import type { HostTensor } from '../../src-main/compute/engine'
import { gradientsOf, runOn, weightedSumOf } from '../../src-main/compute/selftest/agreement'
import { uniform, type Body } from '../../src-main/compute/selftest/case'
import { compiled } from './differential'
import { runInFloat64 } from './float64'
import type { Numbers } from './float64/numbers'
import { recorded } from './recorded'
import { slope } from './slope'

const feedsOf = (inputs: readonly HostTensor[]) =>
  Object.fromEntries(inputs.map(({ data }, index) => [`x${index}`, data]))

/** A step of one number, and one of all. */
function directions({ data: { length } }: HostTensor, seed: number): Numbers[] {
  const random = uniform(seed)
  const alone = new Float64Array(length)
  const together = Float64Array.from({ length }, () => 2 * random() - 1)
  alone[Math.floor(random() * length)] = 1
  return [alone, together]
}

const along = (gradient: Numbers, direction: Numbers) =>
  gradient.reduce((sum, value, index) => sum + value * (direction[index] as number), 0)

/**
 * Holds the gradient of every float input against slopes, and the device's against it.
 * @returns how many slopes were compared
 */
export async function checkGradients(body: Body, inputs: readonly HostTensor[]): Promise<number> {
  const forward = recorded(weightedSumOf(body), inputs)
  const backward = recorded(gradientsOf(body), inputs)
  const feeds = feedsOf(inputs)
  const gradients = runInFloat64(backward, feeds)
  const [rounded] = await runOn(compiled, gradientsOf(body), inputs)
  let compared = 0
  for (const [place, [name, input]] of Object.entries(inputs)
    .filter(([, { data }]) => data instanceof Float32Array)
    .map(([index, input]) => [`x${index}`, input] as const)
    .entries()) {
    const gradient = gradients[`y${place}`] as Numbers
    const steepest = Math.max(1, ...gradient.map(Math.abs))
    for (const direction of directions(input, place)) {
      const expected = slope(forward, 'y0', feeds, { [name]: direction })
      expect(
        Math.abs(along(gradient, direction) - expected) / (steepest + Math.abs(expected)),
        `the slope of ${name}`,
      ).toBeLessThan(1e-6)
      compared++
    }
    const ofDevice = rounded?.[`y${place}`]?.data as Float32Array
    gradient.forEach((value, index) => {
      expect(
        Math.abs((ofDevice[index] as number) - value) / (steepest + Math.abs(value)),
        `${name}[${index}] in float32`,
      ).toBeLessThan(2e-5)
    })
  }
  return compared
}
