/** A folder with all that is above it. Node's own way turns round for ever where the system lets nobody make one. */
import fs from 'node:fs'
import path from 'node:path'

/** @throws Error of the system, with its code, when it cannot be made: below a file, below /proc, without rights */
export function makeFolder(folder: string): void {
  if (fs.existsSync(folder)) return
  if (path.dirname(folder) !== folder) makeFolder(path.dirname(folder))
  try {
    fs.mkdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error // another was faster
  }
}
