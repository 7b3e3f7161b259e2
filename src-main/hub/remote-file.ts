/** A file on the hub as bytes by their place: only what is asked for comes, in blocks that are kept for a while. */
import { Readable } from 'node:stream'
import type { Elsewhere, ReadAt } from '../data/source-file'
import type { Hub } from './hub'
import { hubFailure } from './hub-failure'
import type { HubFile } from './repository'

const blockBytes = 1 << 18
const mostBlocks = 64

export function remoteFile(hub: Hub, url: string, file: HubFile): Elsewhere {
  const block = blocksOf(hub, url, file)
  return {
    bytesTotal: file.bytes,
    open: () => Promise.resolve(reader(file, block)),
    stream: () => stream(file, block),
  }
}

type Blocks = (index: number) => Promise<Buffer>

function blocksOf(hub: Hub, url: string, file: HubFile): Blocks {
  const blocks = new Map<number, Promise<Buffer>>()
  return (index) => {
    const found = blocks.get(index) ?? range(hub, url, file, index * blockBytes)
    blocks.delete(index) // the newest comes last
    blocks.set(index, found)
    for (const [oldest] of blocks) if (blocks.size > mostBlocks) blocks.delete(oldest)
    return found
  }
}

const reader = (file: HubFile, block: Blocks): ReadAt => ({
  async read(into, at, length, from) {
    if (from >= file.bytes || length === 0) return { bytesRead: 0 }
    const index = Math.floor(from / blockBytes)
    const start = from - index * blockBytes
    return { bytesRead: (await block(index)).copy(into, at, start, start + length) }
  },
  close: () => Promise.resolve(),
})

/** From its first byte; whoever has enough destroys it, and no further block comes. */
function stream(file: HubFile, block: Blocks): ReturnType<Elsewhere['stream']> {
  let bytesRead = 0
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let index = 0; index * blockBytes < file.bytes; index++) {
      const bytes = await block(index)
      bytesRead += bytes.length
      yield bytes
    }
  }
  const readable = Readable.from(pieces(), { objectMode: false })
  return Object.defineProperty(readable, 'bytesRead', { get: () => bytesRead }) as ReturnType<
    Elsewhere['stream']
  >
}

async function range(hub: Hub, url: string, file: HubFile, start: number): Promise<Buffer> {
  const end = Math.min(file.bytes, start + blockBytes)
  const headers = { range: `bytes=${start}-${end - 1}`, 'accept-encoding': 'identity' }
  const answer = await hub.fetch(url, { headers })
  const isWhole = answer.status === 200 && start === 0 && file.bytes <= blockBytes
  if (answer.status !== 206 && !isWhole) {
    await answer.body?.cancel()
    throw hubFailure(`${file.path}: the server gives no parts of files; fetch it whole.`)
  }
  const bytes = Buffer.from(await answer.arrayBuffer())
  if (bytes.length !== end - start)
    throw hubFailure(
      `${file.path}: the server gives ${bytes.length} bytes where ${end - start} were asked for.`,
    )
  return bytes
}
