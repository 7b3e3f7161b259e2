/** The queue and the files of runs on the command line, in this process: what is read, said and refused. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runStudio } from '../../src-main/cli/program'
import type { Surroundings } from '../../src-main/cli/surroundings'
import { createRun } from '../../src-main/store/runs'
import { readRunFile } from '../../src-shared/run-file'
import { inputsHere } from '../../src-shared/run-file-inputs'
import { testCheckpoint } from '../helpers/labels'
import { importedDataset, testFolder, testRegistry } from '../helpers/registry'

async function studio(db: ReturnType<typeof testRegistry>, ...args: readonly string[]) {
  let out = ''
  let err = ''
  const around = {
    out: { write: (text: string) => (out += text) },
    err: { write: (text: string) => (err += text) },
    now: () => 0,
    version: '0',
    registryPath: () => db.path,
    openReadOnly: () => ({ ...db, close: () => {} }),
  }
  const code = await runStudio(args, around as Partial<Surroundings> as Surroundings)
  return { out, err, code }
}

function queued() {
  const db = testRegistry()
  const pairs = importedDataset(
    db,
    'preferences',
    [{ prompt: 'p', completion: 'a', rejected: 'b' }],
    'my pairs',
  )
  const policy = testCheckpoint(db)
  const launch = {
    recipe: 'dpo',
    settings: { beta: 0.2, seed: 3 },
    inputs: { policy: [policy.id], pairs: [pairs.id] },
    ...{ device: 'cpu', threads: 2, programVersion: '0', createdAtMs: 1 },
  } as const
  createRun(db, { ...launch, name: 'one' })
  createRun(db, { ...launch, name: 'two' })
  return { db, launch, here: { datasets: [pairs], checkpoints: [policy] } }
}

describe('studio queue', () => {
  it('lists what waits, the next one first', async () => {
    const { db } = queued()
    expect((await studio(db, 'queue')).out).toMatch(/1 .*one[^]*2 .*two/)
    db.run("UPDATE runs SET turn = 0 WHERE name = 'two'")
    expect((await studio(db, 'queue')).out).toMatch(/1 .*two[^]*2 .*one/)
    expect((await studio(testRegistry(), 'queue')).out).toBe('No run waits.\n')
  })

  it('knows no other place than those it has', async () => {
    const { db } = queued()
    const { err, code } = await studio(db, 'queue', 'move', 'one', 'sideways')
    expect(code).toBe(2)
    expect(err).toContain('first, up, down, last')
  })
})

describe('studio runs save', () => {
  it('writes all that the run was launched with, and it reads back as the same launch', async () => {
    const { db, launch, here } = queued()
    const file = join(testFolder(), 'one.json')
    expect((await studio(db, 'runs', 'save', 'one', '--to', file)).code).toBe(0)
    const read = readRunFile(file, readFileSync(file, 'utf8'))
    const { recipe, settings, inputs, device, threads } = launch
    expect(read).toMatchObject({ name: 'one', recipe, settings, device, threads })
    expect(inputsHere(file, read, here)).toEqual(inputs)
  })

  it('writes over nothing, and into no folder that is not there', async () => {
    const { db } = queued()
    const file = join(testFolder(), 'kept.json')
    writeFileSync(file, 'mine')
    const kept = await studio(db, 'runs', 'save', 'one', '--to', file)
    expect(kept.err).toContain('kept.json: is there already and is not written over')
    expect(readFileSync(file, 'utf8')).toBe('mine')
    const nowhere = join(testFolder(), 'no', 'one.json')
    expect((await studio(db, 'runs', 'save', 'one', '--to', nowhere)).err).toContain(
      'a folder that is not there',
    )
    expect(existsSync(nowhere)).toBe(false)
  })
})
