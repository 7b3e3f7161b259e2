/**
 * A real Ray head with two workers: a sweep spreads over both, and a worker, the line or the studio that dies takes
 * nothing with it that was said to be saved.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { breakableLine } from '../helpers/breakable-line'
import { builtMain } from '../helpers/built-main'
import { expectUnbroken, launched, measured, studioIn, type Placed } from '../helpers/cluster-runs'
import { rayCluster, whyNoCluster, type RayCluster } from '../helpers/ray-cluster'
import { testFolder } from '../helpers/registry'
import { skipped } from '../helpers/skipping'
import { ended, imported, shown, tinyPretraining, until } from '../helpers/tiny-runs'

const timeout = 1_200_000
/** Long enough to be disturbed, with something to lose on the way. */
const long = { updates: 2000, checkpointEvery: 250, samplesEvery: 2000, batchRows: 64 }

describe.skipIf(whyNoCluster)(`a Ray cluster of two workers${skipped(whyNoCluster)}`, () => {
  let ray: RayCluster
  beforeAll(async () => {
    ray = await rayCluster(2)
  }, timeout)
  afterAll(async () => ray?.stop(), timeout)

  const added = async (studio: Placed, address: string, sharedFolder?: string): Promise<string> => {
    const named = { address, ...(sharedFolder !== undefined && { sharedFolder }) }
    return `ray:${(await studio.ask('clusters.add', named)).name}`
  }
  const unbroken = async (studio: Placed) =>
    (await ended(studio, (await launched(studio, 'cpu', long)).id)).run

  it(
    'trains a sweep on both at once, and stops what is behind',
    async () => {
      const studio = await studioIn()
      const device = await added(studio, ray.address)
      const texts = await imported(studio, 'texts.txt')
      const { id: sweepId, runIds } = await studio.ask('sweeps.launch', {
        recipe: 'pretrain',
        settings: { ...tinyPretraining, ...long, updates: 4000 },
        inputs: { texts: [texts.id] },
        ...{ device, threads: 1 },
        plan: {
          axes: [{ setting: 'learningRate', values: [0.01, 0.005, 1e-8] }],
          draw: { by: 'grid' },
          stopping: { afterStep: 100, leastOthers: 1 },
        },
      })
      for (const id of runIds) await ended(studio, id)
      const runs = (await studio.ask('runs.list', {})).filter((run) => run.sweepId === sweepId)
      const states = new Map(runs.map(({ settings, state }) => [settings['learningRate'], state]))
      expect(states.get(0.01)).toBe('finished')
      expect(states.get(1e-8)).toBe('stopped')
      expect(runs.find(({ state }) => state === 'stopped')!.stopReason).toMatch(/^Stopped early/)

      const jobs = (await (await fetch(`${ray.address}/api/jobs/`)).json()) as {
        driver_node_id: string
        start_time: number
        end_time: number
      }[]
      expect(new Set(jobs.map((job) => job.driver_node_id)).size).toBe(2)
      const [first, second] = jobs.toSorted((a, b) => a.start_time - b.start_time)
      expect(second!.start_time).toBeLessThan(first!.end_time)
    },
    timeout,
  )

  it(
    'whose line breaks again and again is heard with neither gap nor double',
    async () => {
      const studio = await studioIn()
      const line = await breakableLine(Number(new URL(ray.address).port))
      onTestFinished(line.close)
      const device = await added(studio, line.address)
      const { id } = await launched(studio, device, long)
      for (const step of [1, 300, 700]) {
        await until(studio, id, step)
        line.cut()
        await new Promise((resolve) => setTimeout(resolve, 3000))
        line.mend()
      }
      await expectUnbroken(studio, (await ended(studio, id)).run, await unbroken(studio))
      const { log } = await shown(studio, id)
      expect(log!.some(({ text }) => /does not answer.*What runs there goes on/.test(text))).toBe(true)
    },
    timeout,
  )

  it(
    'goes on when the studio is killed, whose registry holds what was shown, and is heard again',
    async () => {
      const folder = testFolder()
      const before = await studioIn(folder)
      const device = await added(before, ray.address)
      const { id: texts } = await imported(before, 'texts.txt')
      const reference = await unbroken(before)
      await before.studio.close()

      const flags = Object.entries({ ...tinyPretraining, ...long }).flatMap(([name, value]) => [
        `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
        String(value),
      ])
      const started = ['train', 'pretrain', '--texts', texts, '--name', 'killed', ...flags]
      const child = spawn(
        process.execPath,
        [
          (await builtMain()).cli,
          ...started,
          ...['--device', device, '--threads', '1', '--json', '--registry', join(folder, 'registry.sqlite')],
        ],
        {
          env: { ...process.env, STUDIO_CLUSTERS: join(folder, 'clusters.json') },
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      )
      let said = ''
      child.stdout.on('data', (piece: Buffer) => (said += piece.toString()))
      while (!/"step":(?:[3-9]\d\d|\d{4})/.test(said)) await once(child.stdout, 'data')
      child.kill('SIGKILL')
      await once(child, 'exit')

      const again = await studioIn(folder)
      const { id } = (await again.ask('runs.list', {})).find(({ name }) => name === 'killed')!
      await expectUnbroken(again, (await ended(again, id)).run, reference)
    },
    timeout,
  )

  it(
    'takes a package that is too large for HTTP from the folder that both share',
    async () => {
      const studio = await studioIn()
      const shared = testFolder()
      const device = await added(studio, ray.address, shared)
      // 38 million parameters: 150 MB that no packing makes smaller
      const large = { layers: 3, heads: 8, width: 1024, updates: 1, batchRows: 1, checkpointEvery: 1 }
      const { run: start } = await ended(studio, (await launched(studio, 'cpu', large)).id)
      const policy = (await shown(studio, start.id)).checkpoints!.at(-1)!
      const { id: demonstrations } = await imported(studio, 'labelled.jsonl')
      const { id } = await studio.ask('runs.launch', {
        recipe: 'sft',
        settings: { label: '1', epochs: 1, batchExamples: 16, checkpointEvery: 100 },
        inputs: { policy: [policy.id], demonstrations: [demonstrations] },
        ...{ device, threads: 1 },
      })
      const seen: string[][] = []
      await studio.follow('runs.watch', { runId: id, sinceStep: -1 }, ({ run, points }) => {
        seen.push(readdirSync(shared))
        return points !== undefined || run?.state === 'failed'
      })
      const { run } = await ended(studio, id)
      expect(run.error).toBeUndefined()
      expect(run.state).toBe('finished')
      expect((await shown(studio, id)).checkpoints!.at(-1)!.bytes).toBeGreaterThan(110e6)
      expect(seen.flat().some((name) => name.endsWith('.zip'))).toBe(true)
      expect(readdirSync(shared)).toEqual([])
    },
    timeout,
  )

  // last: afterwards there is one worker
  it(
    'whose worker dies keeps what was said to be saved, and the run goes on elsewhere to the same bits',
    async () => {
      const studio = await studioIn()
      const device = await added(studio, ray.address)
      const reference = await unbroken(studio)
      const { id } = await launched(studio, device, long)
      await until(studio, id, 600)
      const before = await shown(studio, id)
      const jobs = (await (await fetch(`${ray.address}/api/jobs/`)).json()) as {
        status: string
        metadata: { run: string }
        driver_agent_http_address: string
      }[]
      const at = jobs.find(
        (job) => job.metadata.run === id && job.status === 'RUNNING',
      )!.driver_agent_http_address
      ray.killWorker(new URL(at).hostname)
      const { run } = await ended(studio, id)
      expect(run.state).toBe('failed')
      expect(run.error).toMatch(/has ended this run at update \d+.*Everything up to update (\d+) is kept/)
      const after = await shown(studio, id)
      expect(after.points!.slice(0, before.points!.length)).toEqual(before.points)
      expect(after.checkpoints!.length).toBeGreaterThanOrEqual(before.checkpoints!.length)

      await studio.ask('runs.resume', { runId: id, device })
      await expectUnbroken(studio, (await ended(studio, id)).run, reference)
      expect((await measured(studio, id)).length).toBeGreaterThan(0)
    },
    timeout,
  )
})
