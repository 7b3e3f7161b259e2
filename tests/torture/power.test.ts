/** Power cuts: a disk of its own loses all that was not brought to it; what was acknowledged is there afterwards. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadModel } from '../../src-main/model/checkpoint'
import { openReadOnly } from '../../src-main/store/database'
import { startStudio } from '../helpers/headless-studio'
import { ownDisk, whyNoDisk } from '../helpers/own-disk'
import { skipped } from '../helpers/skipping'
import { ended, imported, shown, tinyPretraining } from '../helpers/tiny-runs'
import { isLong, tried } from '../helpers/tries'
import { again, killed, passedMs, registryIn } from './killing'

/** On one disk, one after another. */
const cuts = isLong ? 10 : 1
const training = { ...tinyPretraining, updates: 150, checkpointEvery: 5 }

interface Acknowledged {
  named: number
  step: number
  readonly checkpoints: Set<number>
}

async function cutAgain(): Promise<number> {
  const disk = ownDisk(200)
  const folder = join(disk.folder, 'studio')
  mkdirSync(folder)
  let studio = await startStudio(registryIn(folder))
  const { id } = await imported(studio, 'texts.txt')
  let said = 0
  for (let each = 0; each < cuts; each++) {
    const inputs = { texts: [id] }
    const { id: runId } = await studio.ask('runs.launch', { recipe: 'pretrain', settings: training, inputs })
    const seen: Acknowledged = { named: said, step: 0, checkpoints: new Set() }
    let isOver = false
    const naming = async (): Promise<void> => {
      while (!isOver) {
        await studio.ask('datasets.rename', { datasetId: id, name: `name ${said + 1}` })
        said++
        seen.named = said
        await passedMs(10)
      }
    }
    const watching = studio.follow(
      'runs.watch',
      { runId, sinceStep: -1 },
      ({ points = [], checkpoints = [] }) => {
        for (const { step } of points) seen.step = Math.max(seen.step, step)
        for (const { step } of checkpoints) seen.checkpoints.add(step)
        return isOver
      },
    )
    const work = Promise.allSettled([naming(), watching])
    await passedMs(1000 + Math.random() * 2000)
    const held = { ...seen, checkpoints: new Set(seen.checkpoints) }
    disk.cutPower()
    isOver = true
    await killed(studio, work, 100)
    disk.again()
    studio = await again(folder)
    await expectHeld(folder, studio, { id, runId, held })
  }
  await studio.kill()
  return cuts
}

async function expectHeld(
  folder: string,
  studio: Awaited<ReturnType<typeof startStudio>>,
  { id, runId, held }: { readonly id: string; readonly runId: string; readonly held: Acknowledged },
): Promise<void> {
  const { name } = (await studio.ask('datasets.list', {})).find((dataset) => dataset.id === id)!
  if (held.named > 0) expect(Number(name.slice(5))).toBeGreaterThanOrEqual(held.named)
  const { run, checkpoints } = await studio.ask('runs.show', { runId })
  const steps = new Set((await shown(studio, runId)).points?.map(({ step }) => step))
  if (held.step > 0) expect(steps).toContain(held.step)
  const kept = checkpoints.map(({ step }) => step)
  for (const step of held.checkpoints) expect(kept).toContain(step)
  const db = openReadOnly(registryIn(folder))
  const files = db.all<{ path: string }>('SELECT path FROM checkpoints')
  db.close()
  for (const { path } of files.slice(-3)) await loadModel(join(folder, path))
  if (run.state === 'finished' || run.resumableStep === undefined) return
  await studio.ask('runs.resume', { runId })
  expect((await ended(studio, runId)).run.state).toBe('finished')
}

describe.skipIf(whyNoDisk !== undefined)(`a power cut${skipped(whyNoDisk)}`, () => {
  it('loses nothing that was acknowledged, and a run goes on from what it has kept', (context) =>
    tried(context, { short: 1, long: 10 }, cutAgain))
})
