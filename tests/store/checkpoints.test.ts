import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  checkpointOf,
  insertCheckpoint,
  listCheckpoints,
  renameCheckpoint,
} from '../../src-main/store/checkpoints'
import type { WritableDb } from '../../src-main/store/handle'
import { removeCheckpoint } from '../../src-main/store/remove-checkpoint'
import { removeRun } from '../../src-main/store/remove-run'
import { createRun, endRun, startRun, stopRun } from '../../src-main/store/runs'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { Run } from '../../src-shared/records/run'
import { testCheckpoint, testQueue } from '../helpers/labels'
import { testRegistry } from '../helpers/registry'

function importedModel(db: WritableDb, licence: string, baseId?: string): Checkpoint {
  const file = `registry-checkpoints/${licence}.safetensors`
  fs.mkdirSync(path.join(path.dirname(db.path), 'registry-checkpoints'), { recursive: true })
  fs.writeFileSync(path.join(path.dirname(db.path), file), 'weights')
  return insertCheckpoint(db, {
    name: 'Small',
    kind: 'language-model',
    step: 0,
    architecture: 'llama',
    parameters: 135_000_000,
    contextTokens: 8192,
    tokenizer: '49,152 pieces',
    bytes: 7,
    licence,
    importedFrom: 'small.gguf',
    path: file,
    createdAtMs: 5,
    ...(baseId !== undefined && { baseId }),
  })
}

const runFrom = (db: WritableDb, policy: readonly string[]): Run =>
  startRun(
    db,
    createRun(db, {
      name: 'Happy',
      recipe: 'sft',
      settings: {},
      inputs: { policy },
      device: 'cpu',
      programVersion: '0.1.0',
      createdAtMs: 100,
    }).id,
    200,
  )

describe('an imported model', () => {
  it('says where it was read from and under what terms it may be used', () => {
    const db = testRegistry()
    expect(listCheckpoints(db)).toEqual([])
    const model = importedModel(db, 'apache-2.0')
    expect(checkpointOf(db, model.id)).toMatchObject({
      architecture: 'llama',
      licence: 'apache-2.0',
      importedFrom: 'small.gguf',
    })
    expect(model.runId).toBeUndefined()
  })

  it('hands its licence down to what is trained from it', () => {
    const db = testRegistry()
    const [one, two, free] = [importedModel(db, 'mit'), importedModel(db, 'apache-2.0'), testCheckpoint(db)]
    const child = testCheckpoint(db, { runId: runFrom(db, [one.id, two.id, free.id]).id, step: 10 })
    const grandchild = testCheckpoint(db, { runId: runFrom(db, [child.id]).id, step: 20 })
    expect(free.licence).toBe('')
    expect(child.licence).toBe('apache-2.0, mit')
    expect(grandchild.licence).toBe('apache-2.0, mit')
  })

  it('can be given another name', () => {
    const db = testRegistry()
    const model = importedModel(db, 'mit')
    expect(renameCheckpoint(db, model.id, 'Base').name).toBe('Base')
    expect(checkpointOf(db, model.id).name).toBe('Base')
    expect(() => renameCheckpoint(db, 'checkpoint-99', 'x')).toThrow('no longer exists')
  })
})

describe('an imported adapter', () => {
  it('says what it stands on, by the name that has now', () => {
    const db = testRegistry()
    const base = importedModel(db, 'mit')
    const adapter = importedModel(db, 'apache-2.0', base.id)
    renameCheckpoint(db, base.id, 'Base')
    expect(checkpointOf(db, adapter.id).base).toEqual({ id: base.id, name: 'Base' })
    expect(checkpointOf(db, base.id).base).toBeUndefined()
    expect(() => importedModel(db, 'mit', 'checkpoint-99')).toThrow('This checkpoint no longer exists.')
  })

  it('holds its base, and the run that made that, until it is deleted itself', () => {
    const db = testRegistry()
    const run = runFrom(db, [])
    const base = testCheckpoint(db, { runId: run.id, step: 10 })
    endRun(db, run.id, { state: 'finished', endedAtMs: 300 })
    const adapter = importedModel(db, 'mit', base.id)
    expect(() => removeCheckpoint(db, base.id)).toThrow(
      'This checkpoint is used by the adapter “Small” and stays.',
    )
    expect(() => removeRun(db, run.id)).toThrow('This run is used by the adapter “Small” and stays.')
    removeCheckpoint(db, adapter.id)
    expect(removeRun(db, run.id)).toHaveLength(1)
  })
})

describe('removing a checkpoint', () => {
  it('names its files, and no row is left', () => {
    const db = testRegistry()
    const run = runFrom(db, [])
    const checkpoint = testCheckpoint(db, { runId: run.id, step: 10, isResumable: true })
    endRun(db, run.id, { state: 'finished', endedAtMs: 300 })
    const files = removeCheckpoint(db, checkpoint.id)
    expect(files.map((file) => path.basename(file))).toEqual(['run-1-10.safetensors', 'run-1-10.resume'])
    expect(listCheckpoints(db)).toEqual([])
    expect(() => removeCheckpoint(db, checkpoint.id)).toThrow('no longer exists')
  })

  it('is refused while a run was made from it', () => {
    const db = testRegistry()
    const model = importedModel(db, 'mit')
    runFrom(db, [model.id])
    expect(() => removeCheckpoint(db, model.id)).toThrow(
      'This checkpoint is used by the run “Happy” and stays.',
    )
  })

  it('is refused while a label queue samples from it', () => {
    const db = testRegistry()
    const { queue } = testQueue(db)
    expect(() => removeCheckpoint(db, queue.checkpointId)).toThrow('used by the label queue “Films”')
  })

  it('is refused while its own run is under way, or would be resumed from it', () => {
    const db = testRegistry()
    const run = runFrom(db, [])
    const older = testCheckpoint(db, { runId: run.id, step: 10 })
    const newest = testCheckpoint(db, { runId: run.id, step: 20, isResumable: true })
    expect(() => removeCheckpoint(db, older.id)).toThrow('its own training, which is running')
    stopRun(db, run.id)
    endRun(db, run.id, { state: 'stopped', endedAtMs: 300 })
    expect(() => removeCheckpoint(db, newest.id)).toThrow('the run “Happy”, which can be resumed from it')
    removeCheckpoint(db, older.id)
    expect(listCheckpoints(db).map(({ id }) => id)).toEqual([newest.id])
  })
})
