/** A run on a Ray cluster by TRL: sent from a studio, heard there, its model a checkpoint here. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rayCluster, whyNoCluster, type RayCluster } from '../helpers/ray-cluster'
import { skipped } from '../helpers/skipping'
import { testStudio } from '../helpers/test-studio'
import { ended, imported, shown, tinyPretraining } from '../helpers/tiny-runs'

const timeout = 600_000

describe.skipIf(whyNoCluster)(`a run on a Ray cluster by TRL${skipped(whyNoCluster)}`, () => {
  let ray: RayCluster
  beforeAll(async () => {
    ray = await rayCluster(0)
  }, timeout)
  afterAll(async () => ray?.stop(), timeout)

  it(
    'measures what it does here within 1e-4, and its model comes back as a checkpoint that writes',
    async () => {
      const studio = await testStudio()
      await studio.ask('clusters.add', { address: ray.address })
      const devices = await studio.ask('devices.list', {})
      expect(devices.find(({ id }) => id === `trl:${ray.name}`)).toMatchObject({
        isUsable: true,
        mostThreads: 1,
      })

      const texts = await imported(studio, 'texts.txt')
      const pairs = await imported(studio, 'pairs.jsonl')
      const start = await studio.ask('runs.launch', {
        ...{ recipe: 'pretrain', settings: tinyPretraining, inputs: { texts: [texts.id] } },
        ...{ device: 'cpu', threads: 1 },
      })
      await ended(studio, start.id)
      const policy = (await shown(studio, start.id)).checkpoints!.at(-1)!
      const trained = async (device: string) => {
        const { id } = await studio.ask('runs.launch', {
          recipe: 'dpo',
          settings: { epochs: 2, batchPairs: 5, checkpointEvery: 8, warmupUpdates: 2, learningRate: 1e-3 },
          inputs: { policy: [policy.id], pairs: [pairs.id] },
          ...{ device, threads: 1 },
        })
        const { run } = await ended(studio, id)
        expect(run.error).toBeUndefined()
        const { points, checkpoints } = await shown(studio, id)
        const losses = points!.filter(({ name }) => name === 'loss/preference')
        return { run, losses, checkpoints: checkpoints! }
      }
      const here = await trained('cpu')
      const there = await trained(`trl:${ray.name}`)

      expect(there.run).toMatchObject({
        state: 'finished',
        step: here.run.step,
        totalSteps: here.run.totalSteps,
      })
      expect(there.losses.map(({ step }) => step)).toEqual(here.losses.map(({ step }) => step))
      for (const [index, { value }] of here.losses.entries())
        expect(Math.abs(there.losses[index]!.value - value), `update ${index + 1}`).toBeLessThan(1e-4)
      expect(there.checkpoints.map(({ step }) => step)).toEqual(here.checkpoints.map(({ step }) => step))
      expect(there.run.resumableStep).toBeUndefined()

      const sampling = { temperature: 0, topK: 0, topP: 1, maxTokens: 12, seed: 1 }
      const said = async (checkpointId: string) => {
        const input = { prompt: 'the film:', leftCheckpointId: checkpointId, sampling }
        const pieces = await studio.follow('samples.generate', input)
        return pieces.map(({ text }) => text).join('')
      }
      expect(await said(there.checkpoints.at(-1)!.id)).toBe(await said(here.checkpoints.at(-1)!.id))
    },
    timeout,
  )
})
