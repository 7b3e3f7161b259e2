/** Runs that go to a cluster, beside what the same run becomes here. */
import { join } from 'node:path'
import { expect } from 'vitest'
import type { SettingsValues } from '../../src-shared/fields'
import type { MetricPoint, Run } from '../../src-shared/records/run'
import { openReadOnly } from '../../src-main/store/database'
import { testFolder } from './registry'
import { testStudio, type TestStudio } from './test-studio'
import { imported, shown, tinyPretraining, weightsIn } from './tiny-runs'

export interface Placed extends TestStudio {
  readonly folder: string
}

export const studioIn = async (folder = testFolder()): Promise<Placed> => ({
  ...(await testStudio({ folder })),
  folder,
})

export async function launched(studio: Placed, device: string, settings: SettingsValues = {}): Promise<Run> {
  const texts = await imported(studio, 'texts.txt')
  return studio.ask('runs.launch', {
    recipe: 'pretrain',
    settings: { ...tinyPretraining, ...settings },
    inputs: { texts: [texts.id] },
    device,
    threads: 1,
  })
}

export async function lastWeights(
  { studio, folder }: Placed,
  { id, totalSteps }: Run,
): Promise<Float32Array> {
  const db = openReadOnly(studio.registryPath)
  try {
    const row = db.get<{ path: string }>(
      'SELECT path FROM checkpoints WHERE run_id = ? AND step = ?',
      Number(id.slice(4)),
      totalSteps,
    )
    return await weightsIn(join(folder, row!.path))
  } finally {
    db.close()
  }
}

/** All that was measured but the pace. */
export const measured = async (studio: Placed, id: string): Promise<readonly MetricPoint[]> =>
  (await shown(studio, id)).points!.filter(({ name }) => name !== 'pace/tokens')

/** Finished, and to the bit what it would have been had it never been disturbed. */
export async function expectUnbroken(studio: Placed, run: Run, unbroken: Run): Promise<void> {
  expect(run.error).toBeUndefined()
  expect(run.state).toBe('finished')
  expect(await measured(studio, run.id)).toEqual(await measured(studio, unbroken.id))
  expect(await lastWeights(studio, run)).toEqual(await lastWeights(studio, unbroken))
}
