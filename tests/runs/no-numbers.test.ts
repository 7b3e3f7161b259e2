/** What is no number reaches no checkpoint. */
import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { writeCheckpoint } from '../../src-main/runs/checkpoint-writer'
import type { Run } from '../../src-shared/records/run'
import type { Snapshot } from '../../src-main/trainers/trainer'
import { testFolder } from '../helpers/registry'
import { tinyModel } from '../trainers/tiny'

const run = {
  id: 'run-1',
  name: 'ppo-01',
  recipe: 'ppo',
  programVersion: '0',
  settings: {},
} as unknown as Run
const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.safetensors'))

describe('a checkpoint', () => {
  const snapshot = (change: (weights: Float32Array, moments: Float32Array) => void): Snapshot => {
    const model = tinyModel('abc')
    const moments = new Float32Array(3)
    change(model.parameters.flat as Float32Array, moments)
    return { model, resume: { step: 4, tensors: { moments }, numbers: {} } }
  }

  it.each([
    ['a weight', (weights: Float32Array) => void (weights[5] = NaN)],
    ['a weight that has run away', (weights: Float32Array) => void (weights[0] = Infinity)],
    ['a moment', (_: Float32Array, moments: Float32Array) => void (moments[1] = NaN)],
  ])('is not written with %s that is no number', async (_, change) => {
    const folder = testFolder()
    const written = writeCheckpoint(`${folder}/registry.sqlite`, run, snapshot(change))
    await expect(written).rejects.toThrow(
      'after update 4 some weights are no finite numbers: nothing was saved',
    )
    expect(filesIn(folder)).toEqual([])
  })

  it('is written whole with numbers', async () => {
    const folder = testFolder()
    await writeCheckpoint(
      `${folder}/registry.sqlite`,
      run,
      snapshot(() => {}),
    )
    expect(filesIn(folder)).toHaveLength(2)
  })
})
