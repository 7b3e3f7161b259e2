/**
 * Where a registry's file lies, and whether it still lies there while it is open. SQLite goes on writing into a
 * file that was deleted or moved away, and says that all is saved: so each write looks, before anybody hears
 * that it was kept.
 */
import fs from 'node:fs'
import path from 'node:path'
import { StudioFailure } from '../../src-shared/result'

/**
 * The file itself, whatever links lead to it: one registry has one name, and with it one lock.
 * @throws StudioFailure storage: a link that leads nowhere, or a file with a second name (a hard link), beside
 *   which another log could be written
 */
export function realRegistry(file: string): string {
  const asked = path.resolve(file)
  const found = fs.statSync(asked, { throwIfNoEntry: false })
  if (!found && fs.lstatSync(asked, { throwIfNoEntry: false }))
    refuse(`${asked} is a link that leads nowhere. Choose the registry itself, or remove the link.`)
  if (found?.isFile() && found.nlink > 1)
    refuse(
      `${asked} has a second name (a hard link): two studios could write it at once and lose what was saved. ` +
        'Remove the other name, or choose a copy.',
    )
  return found
    ? fs.realpathSync(asked)
    : path.join(fs.realpathSync(path.dirname(asked)), path.basename(asked))
}

/** @throws StudioFailure storage: a file without a byte, in which a registry was or could have been */
export function refuseEmptied(registry: string): void {
  if (fs.statSync(registry).size > 0) return
  refuse(
    `${registry} is empty: a registry never is, so something has emptied this file. Put a copy back; ` +
      'or, when nothing was in it, delete the file and start again.',
  )
}

export interface RegistryPlace {
  /** What has become of the file since it was opened; undefined while it is where it was. */
  lost(): string | undefined
  /** @throws StudioFailure storage, when it is lost: what was just written is in no file */
  insist(): void
}

/** @param registry just opened and written, so that its log lies beside it */
export function registryPlace(registry: string): RegistryPlace {
  const files = [watchedFile(registry, 'the file'), watchedFile(`${registry}-wal`, 'its log (-wal)')]
  function lost(): string | undefined {
    const what = files.flatMap((file) => file() ?? []).at(0)
    return what === undefined ? undefined : lostText(registry, what)
  }
  return {
    lost,
    insist: () => {
      const problem = lost()
      if (problem !== undefined) refuse(problem)
    },
  }
}

/** @returns tells what has become of it. While it is open SQLite lets neither file become shorter. */
function watchedFile(file: string, name: string): () => string | undefined {
  const first = seen(file)
  let bytes = first?.size ?? 0n
  return () => {
    const now = seen(file)
    if (!now) return `${name} was deleted or moved`
    if (now.ino !== first?.ino || now.dev !== first.dev) return `${name} was replaced by another`
    if (now.size < bytes) return `${name} was cut short`
    bytes = now.size
    return undefined
  }
}

/** undefined when it cannot be seen: gone, or its disk is. */
function seen(file: string): fs.BigIntStats | undefined {
  try {
    return fs.statSync(file, { bigint: true, throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

const lostText = (registry: string, what: string): string =>
  `Nothing more can be saved: while the studio was open, ${what}: ${registry}. Put it back as it was, or save ` +
  'a whole copy elsewhere from this window, end the studio and open the copy.'

function refuse(problem: string): never {
  throw new StudioFailure({ kind: 'storage', problem })
}
