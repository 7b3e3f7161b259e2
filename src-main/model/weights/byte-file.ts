/**
 * A file whose parts are read by their place: however large it is, only what is asked for is ever in memory.
 */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { refuse } from './refusal'

export interface ByteFile {
  /** Without its folder. */
  readonly name: string
  /** How many bytes it has. */
  readonly size: number
  /** @returns exactly so many bytes from there, fresh. @throws WeightsError when the file has fewer */
  read(at: number, bytes: number): Promise<Uint8Array>
  close(): Promise<void>
}

/** @throws WeightsError when it is no file, whose reading might never end; the system's errors as they are */
export async function openByteFile(path: string): Promise<ByteFile> {
  // a pipe is opened without waiting for who writes to it
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  const stat = await file.stat()
  if (!stat.isFile()) {
    await file.close()
    refuse(stat.isDirectory() ? 'it is a folder' : 'it is no file')
  }
  return {
    name: basename(path),
    size: stat.size,
    async read(at, bytes) {
      if (at + bytes > stat.size)
        refuse(`the file is cut short: byte ${at + bytes} is wanted, it has ${stat.size}`)
      const room = new Uint8Array(bytes)
      let filled = 0
      while (filled < bytes) {
        const { bytesRead } = await file.read(room, filled, bytes - filled, at + filled)
        if (bytesRead === 0) refuse('the file became shorter while it was read')
        filled += bytesRead
      }
      return room
    },
    close: () => file.close(),
  }
}
