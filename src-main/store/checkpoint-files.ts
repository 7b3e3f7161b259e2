/**
 * Where the files of checkpoints lie: in the registry's own folder beside it, and nowhere else, whatever a
 * row says. A registry may come from someone else: what its rows name is opened or deleted only if it is the
 * registry's own.
 */
import fs from 'node:fs'
import path from 'node:path'
import { StudioFailure } from '../../src-shared/result'
import type { ReadableDb } from './handle'

export interface CheckpointFiles {
  /** Absolute. */
  readonly path: string
  readonly resumePath?: string
}

/** The columns of a checkpoint's row that name files, each from the registry's folder. */
export interface FileRow {
  path: string
  resume_path: string | null
}

/** A folder that belongs to one registry and lies beside it: two registries in one folder share nothing. */
export function besideRegistry(
  registryPath: string,
  what: 'checkpoints' | 'uploads' | 'downloads' | 'kept-results' | 'team',
): string {
  const { dir, name } = path.parse(registryPath)
  return path.join(dir, `${name}-${what}`)
}

/** @throws StudioFailure refused-file, for a row that names a file outside the registry's own folder */
export function openableFiles(db: ReadableDb, row: FileRow): CheckpointFiles {
  const own = (stored: string): string => ownFile(db, stored) ?? refuseStranger(db, stored)
  return {
    path: own(row.path),
    ...(row.resume_path !== null && { resumePath: own(row.resume_path) }),
  }
}

/** Those of the files that rows named which may be deleted: the registry's own, absolute. */
export function deletableFiles(db: ReadableDb, stored: readonly (string | null)[]): readonly string[] {
  return stored.flatMap((each) => (each === null ? [] : (ownFile(db, each) ?? [])))
}

/**
 * A file as its row will name it: from the registry's folder, so that the folder can be moved.
 * @throws Error when it lies elsewhere or is not on disk yet
 */
export function placed(db: ReadableDb, file: string): string {
  const folder = path.dirname(db.path)
  const own = ownFile(db, path.relative(folder, path.resolve(folder, file)))
  if (own === undefined)
    throw new Error(`${file} is not in the registry’s folder ${besideRegistry(db.path, 'checkpoints')}`)
  if (!fs.existsSync(own)) throw new Error(`${file} is not on disk: a checkpoint’s row comes after its file`)
  return path.relative(folder, own).split(path.sep).join('/')
}

/** @returns the absolute path, or undefined when it leads out of the folder: by `..`, from a root, by a link */
function ownFile(db: ReadableDb, stored: string): string | undefined {
  const folder = besideRegistry(db.path, 'checkpoints')
  const file = path.resolve(path.dirname(db.path), stored)
  return isInside(folder, file) && !isLinkBetween(path.dirname(folder), file) ? file : undefined
}

function isInside(folder: string, file: string): boolean {
  const relative = path.relative(folder, file)
  return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative)
}

/** Whether the file, or a folder on the way to it from `from`, is a link: it could lead anywhere. */
function isLinkBetween(from: string, file: string): boolean {
  for (let each = file; each !== from; each = path.dirname(each))
    if (fs.lstatSync(each, { throwIfNoEntry: false })?.isSymbolicLink()) return true
  return false
}

function refuseStranger(db: ReadableDb, stored: string): never {
  const folder = besideRegistry(db.path, 'checkpoints')
  throw new StudioFailure({
    kind: 'refused-file',
    file: path.basename(stored),
    problem:
      `the registry names “${stored}”, which is not in its own folder ${folder}. It was neither opened nor ` +
      'changed. If the registry or the folder was renamed, give it back its name; links are not followed.',
  })
}
