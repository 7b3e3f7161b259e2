/** Where a registry lies: by which names, and for whose eyes. */
import { chmodSync, linkSync, readdirSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openRegistry } from '../../src-main/store/database'
import { testFolder, testRegistry } from '../helpers/registry'
import { testStudio } from '../helpers/test-studio'
import { ended, imported, tinyPretraining } from '../helpers/tiny-runs'

describe('8. one registry by several names', () => {
  it('is one registry through a link to the file or to its folder: a second start is refused', () => {
    const db = testRegistry()
    const aside = testFolder()
    symlinkSync(db.path, join(aside, 'link.sqlite'))
    symlinkSync(join(db.path, '..'), join(aside, 'folder'))
    for (const name of ['link.sqlite', 'folder/registry.sqlite'])
      expect(() => openRegistry(join(aside, name))).toThrow(`is already open in another studio`)
  })

  it('keeps what belongs to it beside the file itself, not beside the link', () => {
    const [folder, aside] = [testFolder(), testFolder()]
    testRegistry(folder).close()
    symlinkSync(join(folder, 'registry.sqlite'), join(aside, 'link.sqlite'))
    const db = openRegistry(join(aside, 'link.sqlite'))
    expect(db.path).toBe(join(folder, 'registry.sqlite'))
    db.close()
  })

  it('is refused in words when the file has a second name, or the link leads nowhere', () => {
    const [folder, aside] = [testFolder(), testFolder()]
    testRegistry(folder).close()
    linkSync(join(folder, 'registry.sqlite'), join(aside, 'hard.sqlite'))
    expect(() => openRegistry(join(aside, 'hard.sqlite'))).toThrow(/has a second name \(a hard link\)/)
    symlinkSync(join(aside, 'nothing'), join(aside, 'dangling.sqlite'))
    expect(() => openRegistry(join(aside, 'dangling.sqlite'))).toThrow(/a link that leads nowhere/)
  })
})

describe('a registry without a byte', () => {
  it('is said, and not taken for a new one', () => {
    const folder = testFolder()
    const { path } = closed(testRegistry(folder))
    truncateSync(path)
    expect(() => openRegistry(path)).toThrow(/is empty.*Put a copy back/)
    expect(statSync(path).size).toBe(0)
  })

  it('is not what a kill leaves that came while a new one was made', () => {
    const folder = testFolder()
    writeFileSync(join(folder, 'registry.sqlite.unfinished'), 'half a regis')
    const { path } = closed(testRegistry(folder))
    expect(readdirSync(folder)).not.toContain('registry.sqlite.unfinished')
    expect(statSync(path).size).toBeGreaterThan(0)
  })
})

function closed(db: ReturnType<typeof testRegistry>) {
  db.close()
  return db
}

describe.skipIf(process.platform === 'win32')('11. everything the studio writes', () => {
  it('is its user’s alone, the files of checkpoints too', async () => {
    const folder = testFolder()
    const studio = await testStudio({ folder })
    const { id } = await imported(studio, 'texts.txt')
    const inputs = { texts: [id] }
    const run = await studio.ask('runs.launch', { recipe: 'pretrain', settings: tinyPretraining, inputs })
    await ended(studio, run.id)
    expect(readable(folder)).toEqual([])
  })

  it('becomes so when an earlier version made it for all to read', async () => {
    const folder = testFolder()
    testRegistry(folder).close()
    chmodSync(join(folder, 'registry.sqlite'), 0o644)
    await testStudio({ folder })
    expect(readable(folder)).toEqual([])
  })
})

/** What others may do something with, below a folder. */
const readable = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => (statSync(join(folder, name)).mode & 0o077) !== 0,
  )
