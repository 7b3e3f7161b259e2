/** What is left of a studio that ends, or is ended, while its compute processes are busy. */
import { copyFileSync, existsSync } from 'node:fs'
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MAIN_PROCESS } from '../../src-main/processes/parent-watch'
import { openReadOnly } from '../../src-main/store/database'
import { listDatasets } from '../../src-main/store/datasets'
import { listRuns } from '../../src-main/store/runs'
import { builtMain } from '../helpers/built-main'
import { startStudio, type HeadlessStudio } from '../helpers/headless-studio'
import { childrenOf, goneWithinMs } from '../helpers/linux-processes'
import { testFolder, testRegistry } from '../helpers/registry'
import { skipped, whyNotLinux } from '../helpers/skipping'
import { ended, imported, tinyPretraining } from '../helpers/tiny-runs'
import { modelWithTemplate, templateWithoutEnd } from './lying-models'

/** A watch looks every 250 ms; a loaded machine may be late. */
const soonMs = 3000

/** A studio one of whose processes renders a template without end: its event loop never turns. */
async function withBusyChild(): Promise<{
  readonly studio: HeadlessStudio
  readonly busy: readonly number[]
}> {
  const studio = await startStudio(join(testFolder(), 'registry.sqlite'))
  const path = modelWithTemplate(templateWithoutEnd)
  void studio.follow('checkpoints.import', { path }).catch(() => {}) // its studio is killed meanwhile
  // The first child that is there after 2.5 s more: others, which look at devices, have ended by then.
  let busy: readonly number[] = []
  while (busy.length === 0) {
    while (childrenOf(studio.process.pid!).length === 0) await passedMs(50)
    await passedMs(2500)
    busy = childrenOf(studio.process.pid!)
  }
  return { studio, busy }
}

const passedMs = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe.skipIf(whyNotLinux !== undefined)(`2. a busy compute process${skipped(whyNotLinux)}`, () => {
  it('ends soon after its studio is killed, although its event loop never turns', async () => {
    const { studio, busy } = await withBusyChild()
    await studio.kill()
    for (const id of busy) expect(await goneWithinMs(id, soonMs)).toBe(true)
  })

  it('ends although its studio was gone before it could look for it', async () => {
    const { computeProcess } = await builtMain()
    const gone = spawn(process.execPath, ['-e', ''])
    await once(gone, 'exit')
    const child = fork(computeProcess, {
      serialization: 'advanced',
      env: { ...process.env, [MAIN_PROCESS]: String(gone.pid) },
    })
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
    expect(signal).toBe('SIGKILL')
  })

  it('has ended before a studio that is told to end says that it has', async () => {
    const { studio, busy } = await withBusyChild()
    expect(await studio.end()).toBe(0)
    for (const id of busy) expect(await goneWithinMs(id, 0)).toBe(true)
  })
})

describe.skipIf(whyNotLinux !== undefined)(`a server${skipped(whyNotLinux)}`, () => {
  it('ends when the command that started it is killed, and its registry is free', async () => {
    const { cli } = await builtMain()
    const registry = join(testFolder(), 'registry.sqlite')
    const command = spawn(process.execPath, [cli, '--registry', registry, 'serve'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(command.stdout, 'data') // its address: it is up
    const [server] = childrenOf(command.pid!)
    command.kill('SIGKILL')
    expect(await goneWithinMs(server!, 10_000)).toBe(true)
    testRegistry(dirname(registry))
  })
})

describe('4. a registry after a clean end', () => {
  it('is whole in its one file: a copy of that alone has the last run and the last name', async () => {
    const registry = join(testFolder(), 'registry.sqlite')
    const studio = await startStudio(registry)
    await studio.ask('app.info', {}) // starts a process that reads the registry
    const { id } = await imported(studio, 'texts.txt')
    const run = await studio.ask('runs.launch', {
      recipe: 'pretrain',
      settings: tinyPretraining,
      inputs: { texts: [id] },
    })
    await ended(studio, run.id)
    await studio.ask('datasets.rename', { datasetId: id, name: 'named at last' })
    expect(await studio.end()).toBe(0)

    expect(existsSync(`${registry}-wal`)).toBe(false)
    const copy = join(testFolder(), 'copy.sqlite')
    copyFileSync(registry, copy)
    const db = openReadOnly(copy)
    expect(listRuns(db)[0]).toMatchObject({ id: run.id, state: 'finished' })
    expect(listDatasets(db).map(({ name }) => name)).toContain('named at last')
    db.close()
  })
})
