/**
 * What the studio writes is its user's alone: datasets, labels and models may be anybody's letters. On Windows a
 * user's own folder is private by itself.
 */
import { chmodSync, existsSync } from 'node:fs'
import { besideRegistry } from './checkpoint-files'

const ownFile = 0o600
const ownFolder = 0o700

/** From here on every file and folder that this process and its children make is the user's alone. */
export function writePrivately(): void {
  if (process.platform !== 'win32') process.umask(0o077)
}

/** A registry that an earlier version made for all to read. Another user's, which may be written, stays so. */
export function makePrivate(registryPath: string): void {
  if (process.platform === 'win32') return
  for (const what of ['checkpoints', 'uploads', 'kept-results'] as const)
    change(besideRegistry(registryPath, what), ownFolder)
  for (const file of ['', '-wal', '-shm', '.lock']) change(`${registryPath}${file}`, ownFile)
}

function change(path: string, mode: number): void {
  try {
    if (existsSync(path)) chmodSync(path, mode)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error
  }
}
