/** The same run elsewhere: on a real Ray head on loopback, with this program and Node from PyPI. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lastWeights, launched, measured, studioIn, type Placed } from '../helpers/cluster-runs'
import { rayCluster, whyNoCluster, type RayCluster } from '../helpers/ray-cluster'
import { testFolder } from '../helpers/registry'
import { skipped } from '../helpers/skipping'
import { ended, shown, until } from '../helpers/tiny-runs'

const timeout = 400_000

describe.skipIf(whyNoCluster)(`a run on a Ray cluster${skipped(whyNoCluster)}`, () => {
  let ray: RayCluster
  beforeAll(async () => {
    ray = await rayCluster(0)
  }, timeout)
  afterAll(async () => ray?.stop(), timeout)

  const connected = async (studio: Placed): Promise<string> => {
    const state = await studio.ask('clusters.add', { address: ray.address })
    expect(state.nodes).toHaveLength(1)
    expect(state.nodes.filter(({ isHead }) => isHead)).toHaveLength(1)
    const devices = await studio.ask('devices.list', {})
    expect(devices.find(({ id }) => id === `ray:${ray.name}`)).toMatchObject({
      isUsable: true,
      mostThreads: 1,
    })
    return `ray:${ray.name}`
  }

  it(
    'measures, writes, says and saves what it does here, to the same bits',
    async () => {
      const studio = await studioIn()
      const device = await connected(studio)
      const { run: here } = await ended(studio, (await launched(studio, 'cpu')).id)
      const { run: there } = await ended(studio, (await launched(studio, device)).id)

      expect(there.error).toBeUndefined()
      expect(there).toMatchObject({ state: 'finished', device, step: here.step, totalSteps: here.totalSteps })
      expect(await measured(studio, there.id)).toEqual(await measured(studio, here.id))
      const texts = async (id: string) =>
        (await shown(studio, id)).samples!.map(({ completion }) => completion)
      expect(await texts(there.id)).toEqual(await texts(here.id))
      const steps = async (id: string) => (await shown(studio, id)).checkpoints!.map(({ step }) => step)
      expect(await steps(there.id)).toEqual(await steps(here.id))
      expect(await lastWeights(studio, there)).toEqual(await lastWeights(studio, here))
    },
    timeout,
  )

  it(
    'is stopped there, goes on here, and there again: to the bits of one that never moved',
    async () => {
      const studio = await studioIn()
      const device = await connected(studio)
      const longer = { updates: 6000, checkpointEvery: 3000, samplesEvery: 6000, batchRows: 128 }
      const { run: stayed } = await ended(studio, (await launched(studio, 'cpu', longer)).id)
      const { id } = await launched(studio, device, longer)
      await until(studio, id, 50)
      await studio.ask('runs.stop', { runId: id })
      const { run: stopped } = await ended(studio, id)
      expect(stopped.state).toBe('stopped')
      expect(stopped.resumableStep).toBe(stopped.step)

      await studio.ask('runs.resume', { runId: id, device: 'cpu' })
      await until(studio, id, stopped.step + 50)
      await studio.ask('runs.stop', { runId: id })
      expect((await ended(studio, id)).run.state).toBe('stopped')
      await studio.ask('runs.resume', { runId: id, device })
      const { run } = await ended(studio, id)
      expect(run.state).toBe('finished')
      expect(await measured(studio, id)).toEqual(await measured(studio, stayed.id))
      expect(await lastWeights(studio, run)).toEqual(await lastWeights(studio, stayed))
    },
    timeout,
  )

  it(
    'goes on while the studio is closed, and is heard again with neither gap nor double',
    async () => {
      const folder = testFolder()
      const first = await studioIn(folder)
      const device = await connected(first)
      const { id } = await launched(first, device, { updates: 3000, checkpointEvery: 500, samplesEvery: 100 })
      await until(first, id, 50)
      await first.studio.close()

      const again = await studioIn(folder)
      const { run } = await ended(again, id)
      expect(run.state).toBe('finished')
      const losses = (await measured(again, id)).filter(({ name }) => name === 'loss/train')
      expect(losses.map(({ step }) => step)).toEqual(Array.from({ length: 3000 }, (_, i) => i + 1))
      const { samples, checkpoints } = await shown(again, id)
      const perStep = new Map<number, number>()
      for (const { step } of samples!) perStep.set(step, (perStep.get(step) ?? 0) + 1)
      expect(new Set(perStep.values()).size).toBe(1)
      expect(checkpoints!.map(({ step }) => step)).toEqual([500, 1000, 1500, 2000, 2500, 3000])
    },
    timeout,
  )
})
