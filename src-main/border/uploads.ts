/**
 * Files that a browser sends because it may not say where they lie. Each gets a folder of its own beside the
 * registry and is deleted when it has been imported; what a killed server left is deleted at the next start.
 */
import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { besideRegistry } from '../store/checkpoint-files'

export interface Uploads {
  /**
   * Writes a file as it arrives. What was written is deleted when the sender goes away or the disk is full.
   */
  receive(name: string, body: Readable): Promise<{ readonly path: string; readonly bytes: number }>
  /** Deletes an uploaded file; any other path is left alone. */
  discard(path: string): Promise<void>
}

export async function openUploads(registryPath: string): Promise<Uploads> {
  const folder = besideRegistry(registryPath, 'uploads')
  await rm(folder, { recursive: true, force: true })

  return {
    receive: async (name, body) => {
      const own = join(folder, randomUUID())
      const path = join(own, safeName(name))
      await mkdir(own, { recursive: true })
      const file = createWriteStream(path, { flags: 'wx' })
      try {
        await pipeline(body, file)
      } catch (error) {
        await rm(own, { recursive: true, force: true })
        throw error
      }
      return { path, bytes: file.bytesWritten }
    },
    discard: async (path) => {
      const inside = relative(folder, path).split(sep)
      if (inside.length === 2 && inside[0] !== '..') await rm(dirname(path), { recursive: true, force: true })
    },
  }
}

/** The last part of a name, without what a file system may not like. */
function safeName(name: string): string {
  const last = basename(name.replaceAll('\\', '/'))
    .replace(/[\p{Cc}<>:"|?*]/gu, '_')
    .slice(-120)
    .trim()
  return /^\.*$/.test(last) ? 'upload' : last
}
