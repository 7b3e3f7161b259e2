import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { allocate, type Parameters } from '../../../src-main/compute/parameters'
import type { ModelConfig } from '../../../src-main/model/model'
import { parseConfig } from '../../../src-main/model/model-config'
import { weight } from '../../../src-main/model/network'
import { trunkSpec } from '../../../src-main/model/trunk-parameters'
import { intMatrix, logits, runOnce } from '../tiny'

/** What the script beside the file made. */
const golden = JSON.parse(
  readFileSync(new URL('../../fixtures/golden/architectures.json', import.meta.url), 'utf8'),
) as {
  readonly ids: readonly number[]
  readonly cases: readonly { readonly config: Record<string, unknown>; readonly logits: readonly number[] }[]
}

/** The waves that the script computes with. */
function waves(config: ModelConfig): Parameters {
  const parameters = allocate(trunkSpec(config))
  for (const [name, shape] of Object.entries(parameters.spec)) {
    const phase = [...Buffer.from(name)].reduce((sum, byte) => sum + byte, 0)
    parameters.view(name).forEach((_, i, values) => {
      const wave = Math.sin(0.7 * i + phase)
      values[i] = shape.length === 2 ? (1.2 / Math.sqrt(shape[0]!)) * wave : 0.5 + 0.3 * wave
    })
  }
  return parameters
}

describe('as the published code has it', () => {
  it.each(golden.cases.map(({ config, logits }) => [config['architecture'], config, logits] as const))(
    '%s %j says the same of a text',
    async (_, found, expected) => {
      const config = parseConfig(found)
      const read = await runOnce(
        compiledEngine({ threads: 1 }),
        { parameters: waves(config) },
        { ids: intMatrix(golden.ids) },
        (weights, batch) => ({ logits: logits(config, weights, weight(batch, 'ids')) }),
      )
      const largest = Math.max(...expected.map(Math.abs))
      expect(read['logits']!.length).toBe(expected.length)
      read['logits']!.forEach((value, i) =>
        expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5 * largest),
      )
    },
  )
})
