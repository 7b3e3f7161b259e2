/** What the file system refuses is said: what, where and what to do, and never that something broke inside. */
import fs, { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorText } from '../../src-shared/result'
import { diskFailure } from '../../src-main/places/disk-failure'
import { openRegistry } from '../../src-main/store/database'
import { testFolder, testRegistry } from '../helpers/registry'
import { skipped, whyNotLinux } from '../helpers/skipping'
import { testStudio } from '../helpers/test-studio'
import { ended, imported, tinyPretraining } from '../helpers/tiny-runs'

/** What the system itself throws for each of these. */
const refusals: readonly (readonly [string, (folder: string) => void, RegExp])[] = [
  [
    'a file where a folder is needed',
    (f) => mkdirSync(join(f, 'file', 'in')),
    /A part of .*file.in is a file/,
  ],
  ['a folder where a file is needed', (f) => writeFileSync(f, 'x'), /is a folder where a file is needed/],
  ['something else there', (f) => mkdirSync(join(f, 'file')), /There is something else at .*file already/],
  ['nothing there', (f) => fs.readFileSync(join(f, 'nothing')), /nothing is not there/],
  ['a name too long', (f) => writeFileSync(join(f, 'a'.repeat(5000)), 'x'), /longer than a name may be/],
  ['a link to itself', (f) => fs.readFileSync(join(f, 'loop')), /leads back to itself/],
  ['NUL in a path', (f) => writeFileSync(join(f, 'a\0b'), 'x'), /may not hold the character NUL/],
  ['a folder that is not empty', (f) => fs.rmdirSync(f), /is not empty/],
]

describe('a refusal of the file system', () => {
  it.each(refusals)('%s: is a sentence with its place', (_, refused, words) => {
    const folder = testFolder()
    writeFileSync(join(folder, 'file'), 'x')
    symlinkSync(join(folder, 'loop'), join(folder, 'loop'))
    expect(said(() => refused(folder))).toMatch(words)
  })

  it.skipIf(whyNotLinux !== undefined)(
    `a full disk: is said where no path is known${skipped(whyNotLinux)}`,
    () =>
      expect(said(() => writeFileSync('/dev/full', 'x'))).toMatch(/The disk is full: what was to be saved/),
  )

  it('that is about reading says so', () => {
    // root may do everything: what the system would throw is made by hand
    const refused = (syscall: string) =>
      diskFailure(Object.assign(new Error('refused'), { code: 'EACCES', syscall, path: '/there/a' }))
    expect(errorText(refused('scandir')!.error)).toMatch(/may not read \/there\/a/)
    expect(errorText(refused('mkdir')!.error)).toMatch(/may not write \/there\/a/)
  })

  it('is not what a bug or a lost line says', async () => {
    expect(diskFailure(new TypeError('x is undefined'))).toBeUndefined()
    const refused = await new Promise((resolve) => connect(1, '127.0.0.1').on('error', resolve))
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' })
    expect(diskFailure(refused)).toBeUndefined()
  })
})

describe('a studio in places that are not as they should be', () => {
  it('fails a run whose checkpoints have no folder, and says which file is in its way', async () => {
    const folder = testFolder()
    const studio = await testStudio({ folder })
    const { id } = await imported(studio, 'texts.txt')
    writeFileSync(join(folder, 'registry-checkpoints'), 'a file')
    const { id: runId } = await studio.ask('runs.launch', {
      recipe: 'pretrain',
      settings: tinyPretraining,
      inputs: { texts: [id] },
    })
    const { run } = await ended(studio, runId)
    expect(run.state).toBe('failed')
    expect(run.error).toMatch(/registry-checkpoints.* is a file where a folder is needed. Move it away/)
  })

  it.skipIf(whyNotLinux !== undefined)(
    `refuses an export into a place where nothing can be made${skipped(whyNotLinux)}`,
    async () => {
      const studio = await testStudio()
      const { id } = await imported(studio, 'texts.txt')
      const { id: runId } = await studio.ask('runs.launch', {
        recipe: 'pretrain',
        settings: tinyPretraining,
        inputs: { texts: [id] },
      })
      await ended(studio, runId)
      const { checkpoints } = await studio.ask('runs.show', { runId })
      const asked = { checkpointId: checkpoints[0]!.id, format: 'hugging-face', folder: '/proc' } as const
      await expect(studio.ask('checkpoints.export', asked)).rejects.toThrow(/\/proc.* is not there/)
      expect(studio.bugs).toEqual([])
    },
  )

  it.each([
    ['a lock that is a folder', (path: string) => mkdirSync(`${path}.lock`), /lock/],
    [
      'a lock that is something else',
      (path: string) => writeFileSync(`${path}.lock`, 'x'.repeat(9000)),
      /lock/,
    ],
    ['a registry that is a folder', (path: string) => mkdirSync(path), /folder/],
    [
      'a registry that is a link to itself',
      (path: string) => symlinkSync(path, path),
      /back to itself|nowhere/,
    ],
  ])('%s: is said', (_, harm, words) => {
    const path = join(testFolder(), 'registry.sqlite')
    harm(path)
    expect(() => openRegistry(path)).toThrow(words)
  })

  it.each([-1, 1])(
    'a registry that says it is of format %i: is said to be damaged, and left as it is',
    (version) => {
      const db = testRegistry(testFolder())
      db.script(`PRAGMA user_version = ${version}`)
      db.close()
      const before = readFileSync(db.path)
      expect(() => openRegistry(db.path)).toThrow(/damaged: it says that it is of format/)
      expect(readFileSync(db.path).equals(before)).toBe(true)
    },
  )

  it('a table that is missing: is said to be damage, not a bug', () => {
    const folder = testFolder()
    const db = testRegistry(folder)
    db.script('DROP TABLE samples; DROP TABLE metric_points')
    expect(() => db.all('SELECT * FROM metric_points')).toThrow(/damaged/)
  })
})

function said(work: () => void): string {
  try {
    work()
  } catch (error) {
    const failure = diskFailure(error)
    if (!failure) throw error
    return errorText(failure.error)
  }
  return 'nothing was refused'
}
