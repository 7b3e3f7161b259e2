/** Killed while two people label and someone renames, and while a registry of the first format is brought up. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openReadOnly } from '../../src-main/store/database'
import { firstSchema } from '../../src-main/store/first-schema'
import { builtMain } from '../helpers/built-main'
import { startStudio } from '../helpers/headless-studio'
import { testQueue } from '../helpers/labels'
import { testFolder, testRegistry } from '../helpers/registry'
import { skipped, whyNotLinux } from '../helpers/skipping'
import { isLong, tried } from '../helpers/tries'
import { again, killed, passedMs, registryIn } from './killing'

const kills = isLong ? 10 : 1
const perKill = 1500
const often = { short: 1, long: 5 }

async function killedLabelling(): Promise<number> {
  const folder = testFolder()
  const db = testRegistry(folder)
  const { queue, comparisons } = testQueue(db, perKill * kills)
  db.close()
  const judged: string[] = []
  let named = 0
  let studio = await startStudio(registryIn(folder))
  for (let each = 0; each < kills; each++) {
    const own = comparisons.slice(each * perKill, (each + 1) * perKill)
    const judging = async (annotator: string, of: typeof comparisons): Promise<void> => {
      for (const { id: comparisonId } of of) {
        await studio.ask('labels.judge', { comparisonId, verdict: 'left', annotator, holding: [] })
        judged.push(comparisonId)
      }
    }
    const naming = async (): Promise<void> => {
      for (;;) {
        await studio.ask('datasets.rename', { datasetId: queue.datasetId, name: `name ${named + 1}` })
        named++
      }
    }
    const half = perKill / 2
    const work = [judging('one', own.slice(0, half)), judging('two', own.slice(half)), naming()]
    await killed(studio, Promise.allSettled(work), 1500)

    studio = await again(folder)
    const after = openReadOnly(registryIn(folder))
    const stored = after.all<{ id: number }>('SELECT comparison_id AS id FROM judgments')
    after.close()
    const kept = new Set(stored.map(({ id }) => `comparison-${id}`))
    expect(judged.filter((id) => !kept.has(id))).toEqual([])
    // saved, and killed before either could be told
    expect(stored.length - judged.length).toBeLessThanOrEqual(2 * (each + 1))
    const { name } = (await studio.ask('datasets.list', {})).find(({ id }) => id === queue.datasetId)!
    if (named > 0) expect(Number(name.slice(5))).toBeGreaterThanOrEqual(named)
  }
  await studio.kill()
  return kills
}

const lines = 20_000

/** A registry as the first version made it, with a dataset, a run and its log. */
function ofFirstFormat(path: string): void {
  const db = new Database(path)
  db.exec(firstSchema)
  db.pragma(`application_id = ${0x524c4846}`)
  db.pragma('user_version = 1')
  db.exec(
    'INSERT INTO datasets (name, kind, origin, state, rows, bytes, file_name, terms, created_at_ms) ' +
      "VALUES ('kept', 'text', 'imported', 'ready', 0, 0, 'x', '', 1)",
  )
  db.exec(
    'INSERT INTO runs (name, recipe, state, settings, judgment_watermark, device, program_version, ' +
      "created_at_ms, step, total_steps) VALUES ('r', 'pretrain', 'finished', '{}', 0, 'cpu', '0', 1, 0, 0)",
  )
  const insert = db.prepare("INSERT INTO log_lines (run_id, at_ms, level, text) VALUES (1, 1, 'info', ?)")
  db.transaction(() => {
    for (let each = 0; each < lines; each++) insert.run(`line ${each}`)
  })()
  db.close()
}

/** Killed while it starts, twice on the same file. */
async function killedMigrating(): Promise<number> {
  const { headless } = await builtMain()
  const folder = testFolder()
  const path = join(folder, 'registry.sqlite')
  ofFirstFormat(path)
  for (let each = 0; each < 2; each++) {
    const child = fork(headless, ['--registry', path], { stdio: 'ignore' })
    await passedMs(150 + Math.random() * 500)
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  const studio = await again(folder)
  expect((await studio.ask('datasets.list', {})).map(({ name }) => name)).toContain('kept')
  expect((await studio.ask('runs.show', { runId: 'run-1' })).log).toHaveLength(lines)
  await studio.kill()
  return 2
}

describe.skipIf(whyNotLinux !== undefined)(`a studio killed while people work${skipped(whyNotLinux)}`, () => {
  it('keeps every verdict of two people and every name that was acknowledged', (context) =>
    tried(context, often, killedLabelling))
})

describe.skipIf(whyNotLinux !== undefined)(
  `a studio killed as it brings a registry up${skipped(whyNotLinux)}`,
  () => {
    it('does so whole at the next start, with all that was in it', (context) =>
      tried(context, { short: 1, long: 40 }, killedMigrating))
  },
)
