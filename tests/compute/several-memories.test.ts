import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import { eagerEngine } from '../../src-main/compute/tensorflow/eager'
import type { Batch, Engine, OptimizerState } from '../../src-main/compute/engine'
import {
  allocate,
  blocksToTrain,
  copyParameters,
  overlay,
  sizeOf,
  type Parameters,
} from '../../src-main/compute/parameters'
import { adamw, batch, initial, logits, lossOf, spec } from '../../src-main/compute/selftest/transformer'
import type * as tf from '../../src-main/compute/tf'

const engines: readonly (readonly [string, () => Engine])[] = [
  ['compiled', () => compiledEngine({ threads: 2 })],
  ['eager', () => eagerEngine('cpu')],
]

/** As few numbers in a memory as the largest tensor has. */
const fewest = Math.max(...Object.values(spec).map(sizeOf))

/** The same values in several memories. */
function inSeveral(from: Parameters): Parameters {
  const several = allocate(from.spec, fewest)
  for (const name of Object.keys(from.spec)) several.view(name).set(from.view(name))
  return several
}

const all = (parameters: Parameters) =>
  Object.fromEntries(Object.keys(parameters.spec).map((name) => [name, [...parameters.view(name)]]))

/** @returns what each update said, and the optimizer's state at the end */
async function trained(
  engine: Engine,
  parameters: Parameters,
  from: number,
  to: number,
  state?: OptimizerState,
): Promise<readonly [unknown[], OptimizerState]> {
  const step = engine.trainStep(parameters, lossOf, adamw)
  const said = []
  if (state) step.restore(state)
  for (let update = from; update < to; update++) said.push(await step.update(batch(update), 0.01))
  const last = step.state()
  step.dispose()
  return [said, last]
}

describe.each(engines)('on the %s engine parameters in several memories', (_, open) => {
  it('are trained to the bit as in one, and resumed either way', async () => {
    const engine = open()
    const one = initial()
    const several = inSeveral(one)
    expect(blocksToTrain(inSeveral(one), 1).length).toBeGreaterThan(5)
    const straight = await trained(engine, one, 0, 5)
    expect(await trained(engine, several, 0, 5)).toEqual(straight)
    expect(all(several)).toEqual(all(one))

    const stopped = inSeveral(initial())
    const [, state] = await trained(engine, stopped, 0, 3)
    for (const resumed of [copyParameters(stopped), inSeveral(stopped)]) {
      expect((await trained(engine, resumed, 3, 5, state))[1]).toEqual(straight[1])
      expect(all(resumed)).toEqual(all(one))
    }
    engine.dispose()
  })

  it('are trained in parts, and over a frozen base, to the bit as in one', async () => {
    const engine = open()
    const own = Object.fromEntries(Object.entries(spec).filter(([name]) => name.startsWith('1.')))
    const losses = async (lie: (parameters: Parameters) => Parameters): Promise<unknown> => {
      const top = allocate(own)
      const base = initial()
      for (const name of Object.keys(own)) top.view(name).set(base.view(name))
      const parameters = overlay(lie(base), lie(top))
      const step = engine.trainStep(parameters, lossOf, adamw)
      const said = [
        await step.update([batch(0), batch(1), batch(2)], 0.01),
        await step.update([batch(3)], 0.01),
      ]
      return [said, step.state(), all(parameters)]
    }
    expect(await losses(inSeveral)).toEqual(await losses((parameters) => parameters))
    engine.dispose()
  })

  it('run as in one, frozen or not, before and after an optimizer has come to them', async () => {
    const engine = open()
    const one = initial()
    const several = inSeveral(one)
    const program = engine.program((weights, { ids }) => ({ logits: logits(weights, ids as tf.Tensor) }))
    const frozen = program.freeze(several)
    const rows = (count: number): Batch => ({ ids: batch(0, count)['ids']! })
    const first = await program.run(one, rows(3))
    expect(await program.run(several, rows(3))).toEqual(first)
    const before = await frozen.run(rows(3))
    const step = engine.trainStep(several, lossOf, adamw)
    expect(await program.run(several, rows(3))).toEqual(first)
    expect(await frozen.run(rows(3))).toEqual(before)
    // a graph of new shapes, from weights that have moved
    expect(await frozen.run(rows(2))).toEqual(await program.freeze(one).run(rows(2)))
    step.dispose()
    engine.dispose()
  })
})
