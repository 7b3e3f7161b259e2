/**
 * Places that are not as they should be, met by the built command line as an ordinary user: each is a sentence of what,
 * where and what to do, and none is called a fault of the studio.
 */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { tmpdir } from 'node:os'
import { getuid } from 'node:process'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { builtMain } from '../helpers/built-main'
import { ownDisk, whyNoDisk } from '../helpers/own-disk'
import { testFolder } from '../helpers/registry'
import { skipped, whyNotLinux } from '../helpers/skipping'

/** The system's user without rights, where the tests have all. */
const NOBODY = 65534
const asRoot = getuid?.() === 0

let cli = ''
let whole = ''
beforeAll(async () => {
  cli = (await builtMain()).cli
  whole = place(mkdtempSync(join(tmpdir(), 'studio-words-')))
  expect(studio(whole, 'import', 'pairs.jsonl', 'texts.txt').code).toBe(0)
})
afterAll(() => rmSync(whole, { recursive: true }))

/** A folder of that user with two files to import. */
function place(inside = testFolder()): string {
  writeFileSync(join(inside, 'pairs.jsonl'), '{"prompt":"a","chosen":"b","rejected":"c"}\n')
  writeFileSync(
    join(inside, 'texts.txt'),
    Array.from({ length: 9000 }, (_, i) => `line ${i} of many`).join('\n'),
  )
  owned(inside)
  return inside
}

function owned(folder: string): void {
  if (!asRoot) return
  chownSync(folder, NOBODY, NOBODY)
  for (const name of readdirSync(folder)) chownSync(join(folder, name), NOBODY, NOBODY)
}

/** A place with a registry that holds both files. */
function copied(): string {
  const folder = testFolder()
  cpSync(whole, folder, { recursive: true })
  owned(folder)
  return folder
}

/** One command in a folder, on its registry unless another is named. */
function studio(folder: string, ...args: readonly string[]) {
  return started(folder, [process.execPath, cli], args)
}

function started(folder: string, program: readonly string[], args: readonly string[]) {
  const registry = args.includes('--registry') ? [] : ['--registry', join(folder, 'registry.sqlite')]
  const [command = '', ...before] = program
  const { stdout, stderr, status } = spawnSync(command, [...before, ...args, ...registry], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, HOME: folder },
    ...(asRoot && { uid: NOBODY, gid: NOBODY }),
  })
  return { said: `${stdout}${stderr}`, code: status }
}

const long = 'a'.repeat(300)

type Case = readonly [what: string, harm: (folder: string) => unknown, args: readonly string[], says: RegExp]

const forbid = (name: string, mode: number) => (folder: string) => chmodSync(join(folder, name), mode)
const lockFolder = (folder: string): void => {
  rmSync(join(folder, 'registry.sqlite.lock'), { force: true })
  mkdirSync(join(folder, 'registry.sqlite.lock'))
}
const locked = (folder: string): void => {
  mkdirSync(join(folder, 'locked'))
  owned(folder)
  chmodSync(join(folder, 'locked'), 0o555)
}
const damaged = (sql: string) => (folder: string) => {
  const db = new Database(join(folder, 'registry.sqlite'))
  db.exec(sql)
  db.close()
  owned(folder)
}

const cases: readonly Case[] = [
  [
    'a folder in which nothing can be made',
    locked,
    ['import', 'pairs.jsonl', '--registry', 'locked/r.sqlite'],
    /may not write in .*locked\. Change its permissions/,
  ],
  [
    'the same to look into',
    locked,
    ['datasets', '--registry', 'locked/r.sqlite'],
    /may not write in .*locked/,
  ],
  [
    'a registry that may not be read',
    forbid('registry.sqlite', 0),
    ['datasets'],
    /may not read .*registry\.sqlite\. Change its permissions/,
  ],
  [
    'a registry that may only be read',
    forbid('registry.sqlite', 0o444),
    ['import', 'pairs.jsonl'],
    /registry\.sqlite cannot be written.*change its permissions/,
  ],
  [
    'a folder that may only be read',
    forbid('.', 0o555),
    ['team', 'add', 'Ada'],
    /may not write .*registry-team\. Change its permissions/,
  ],
  [
    'a file where a folder is needed',
    () => {},
    ['import', 'pairs.jsonl', '--registry', 'texts.txt/r.sqlite'],
    /texts\.txt is a file where a folder is needed/,
  ],
  [
    'the same to look into',
    () => {},
    ['datasets', '--registry', 'texts.txt/r.sqlite'],
    /texts\.txt is a file where a folder is needed/,
  ],
  [
    'a folder where a file is needed',
    () => {},
    ['datasets', '--registry', '.'],
    /is a folder\. Name the file of a registry, as .*registry\.sqlite/,
  ],
  ['the same to write', () => {}, ['import', 'pairs.jsonl', '--registry', '.'], /is a folder/],
  [
    'a name that is too long',
    () => {},
    ['datasets', '--registry', `${long}/r.sqlite`],
    /a… is longer than a name may be/,
  ],
  [
    'a link to itself',
    (folder) => symlinkSync('loop', join(folder, 'loop')),
    ['datasets', '--registry', 'loop'],
    /loop is a link that leads back to itself/,
  ],
  [
    'a damaged lock',
    (folder) => writeFileSync(join(folder, 'registry.sqlite.lock'), 'x'.repeat(9000)),
    ['import', 'pairs.jsonl'],
    /lock cannot be used.*Delete it and try again/,
  ],
  [
    'a lock that is a folder',
    lockFolder,
    ['import', 'pairs.jsonl'],
    /lock cannot be used.*Delete it and try again/,
  ],
  [
    'a missing table',
    damaged('PRAGMA foreign_keys = OFF; DROP TABLE examples'),
    ['export', 'pairs', '--to', '.'],
    /damaged: .*examples is missing in it. Put a copy of it back/,
  ],
  [
    'a file that may not be read',
    forbid('pairs.jsonl', 0),
    ['import', 'pairs.jsonl'],
    /pairs\.jsonl: this user may not read it/,
  ],
  ['a file whose name is too long', () => {}, ['import', `${long}.jsonl`], /its name is too long/],
  [
    'an export into a folder that may only be read',
    locked,
    ['export', 'pairs', '--to', 'locked'],
    /may not write .*locked.*choose another folder/,
  ],
  [
    'an export into a file',
    () => {},
    ['export', 'pairs', '--to', 'texts.txt'],
    /texts\.txt is a file\. Choose a folder/,
  ],
  [
    'an export others in a folder that is not there',
    () => {},
    ['export', 'pairs', '--to', 'gone/away'],
    /away is not a folder on this machine\. Make it, or choose another/,
  ],
  [
    'a certificate that is not there',
    () => {},
    ['serve', '--team', '--cert', 'c.pem', '--key', 'k.pem'],
    /--cert c\.pem/,
  ],
]

describe.skipIf(whyNotLinux !== undefined)(`the command line${skipped(whyNotLinux)}`, () => {
  it.each(cases)('says of %s what, where and what to do', (_, harm, args, says) => {
    const folder = copied()
    harm(folder)
    const { said, code } = studio(folder, ...args)
    expect(said).toMatch(says)
    expect(said).not.toMatch(/Something broke|\n +at /)
    expect(code).not.toBe(0)
  })

  it.each([
    ['that is full', 100, /may be\. Raise that limit \(ulimit -f\)/],
    ['for a new registry', 60, /may be\. Raise that limit \(ulimit -f\)/],
  ])('names the limit on the size of files, for a registry %s', (_, blocks, says) => {
    const { said, code } = started(
      place(),
      ['bash', '-c', `ulimit -f ${blocks}; exec "$@"`, 'bash', process.execPath, cli],
      ['import', 'texts.txt'],
    )
    expect(said).toMatch(says)
    expect(code).toBe(1)
  })

  it.skipIf(whyNoDisk !== undefined)(`says that a full disk takes no export${skipped(whyNoDisk)}`, () => {
    const disk = ownDisk(4)
    owned(disk.folder)
    chmodSync(dirname(disk.folder), 0o755)
    const folder = place()
    writeFileSync(
      join(folder, 'large.jsonl'),
      Array.from(
        { length: 30_000 },
        (_, i) => `{"prompt":"${i}","chosen":"${'b'.repeat(200)}${i}","rejected":"c"}`,
      ).join('\n'),
    )
    owned(folder)
    expect(studio(folder, 'import', 'large.jsonl').code).toBe(0)
    const { said, code } = studio(folder, 'export', 'large', '--to', disk.folder)
    expect(said).toMatch(/The disk is full: .* could not be written. Free some space/)
    expect(code).toBe(1)
    expect(readdirSync(disk.folder)).toEqual(['lost+found'])
  })
})
