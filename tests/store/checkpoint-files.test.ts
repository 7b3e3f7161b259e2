import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesOfCheckpoint, resumableCheckpoints } from '../../src-main/store/checkpoints'
import type { WritableDb } from '../../src-main/store/handle'
import { removeCheckpoint } from '../../src-main/store/remove-checkpoint'
import { removeRun } from '../../src-main/store/remove-run'
import { createRun, endRun, startRun } from '../../src-main/store/runs'
import { testCheckpoint } from '../helpers/labels'
import { testFolder, testRegistry } from '../helpers/registry'

/** A registry in a folder of its own, with a decoy beside that folder: what a person would not want touched. */
function withDecoy(): { readonly db: WritableDb; readonly folder: string; readonly decoy: string } {
  const outside = testFolder()
  const folder = path.join(outside, 'from-someone-else')
  fs.mkdirSync(folder)
  const decoy = path.join(outside, 'decoy.txt')
  fs.writeFileSync(decoy, 'mine')
  return { db: testRegistry(folder), folder, decoy }
}

function failedRun(db: WritableDb): string {
  const { id } = createRun(db, {
    name: 'Happy',
    recipe: 'pretrain',
    settings: {},
    inputs: {},
    device: 'cpu',
    programVersion: '0.1.0',
    createdAtMs: 1,
  })
  startRun(db, id, 2)
  endRun(db, id, { state: 'failed', error: 'x', endedAtMs: 3 })
  return id
}

/** What a row could name instead of its own file. */
const strangers: readonly (readonly [string, (folder: string) => string])[] = [
  ['a step up', () => '../decoy.txt'],
  ['its own folder and back out', () => 'registry-checkpoints/../../decoy.txt'],
  ['an absolute path', (folder) => path.resolve(folder, '../decoy.txt')],
  ['the registry itself', () => 'registry.sqlite'],
  ['a folder whose name only begins alike', () => 'registry-checkpoints-of-another/decoy.txt'],
  ['the folder itself', () => 'registry-checkpoints'],
]

describe('1. a row that names a file outside the registry’s own folder', () => {
  it.each(strangers)('by %s is never opened', (_, strange) => {
    const { db, folder } = withDecoy()
    const { id } = testCheckpoint(db)
    db.run('UPDATE checkpoints SET path = ?', strange(folder))
    expect(() => filesOfCheckpoint(db, id)).toThrow('not in its own folder')
  })

  it.each(strangers)('by %s is not among what is deleted with its checkpoint', (_, strange) => {
    const { db, folder } = withDecoy()
    const { id } = testCheckpoint(db)
    db.run('UPDATE checkpoints SET path = ?', strange(folder))
    expect(removeCheckpoint(db, id)).toEqual([])
  })

  it.each(strangers)('by %s is not among what is deleted with its run', (_, strange) => {
    const { db, folder } = withDecoy()
    const runId = failedRun(db)
    testCheckpoint(db, { runId, step: 1, isResumable: true })
    db.run('UPDATE checkpoints SET resume_path = ?', strange(folder))
    expect(() => resumableCheckpoints(db, runId)).toThrow('not in its own folder')
    expect(removeRun(db, runId)).toEqual([path.join(folder, `registry-checkpoints/${runId}-1.safetensors`)])
  })
})

describe('a link in the registry’s folder', () => {
  it('as the file is not followed', () => {
    const { db, folder, decoy } = withDecoy()
    const { id } = testCheckpoint(db)
    fs.symlinkSync(decoy, path.join(folder, 'registry-checkpoints/link'))
    db.run("UPDATE checkpoints SET path = 'registry-checkpoints/link'")
    expect(() => filesOfCheckpoint(db, id)).toThrow('links are not followed')
    expect(removeCheckpoint(db, id)).toEqual([])
  })

  it('as a folder on the way is not followed', () => {
    const { db, folder } = withDecoy()
    const { id } = testCheckpoint(db)
    fs.symlinkSync(path.dirname(folder), path.join(folder, 'registry-checkpoints/up'))
    db.run("UPDATE checkpoints SET path = 'registry-checkpoints/up/decoy.txt'")
    expect(() => filesOfCheckpoint(db, id)).toThrow('links are not followed')
    expect(removeCheckpoint(db, id)).toEqual([])
  })
})
