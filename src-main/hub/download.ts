/**
 * One file from the hub onto the disk: gone on with where it was cut off, and shown under its name only when its
 * bytes have the checksum that the hub lists.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StudioFailure } from '../../src-shared/result'
import { diskFailure } from '../places/disk-failure'
import type { Hub } from './hub'
import { pause } from './hub'
import { cancelled, hubFailure } from './hub-failure'
import type { HubFile } from './repository'

export interface Wanted {
  readonly url: string
  readonly file: HubFile
  /** Where it goes. */
  readonly path: string
}

/** So long nothing may come before it is asked again. */
const silenceMs = 30_000

/** Yields how many bytes there are. @throws StudioFailure hub-failed, storage, cancelled: what came stays for later */
export async function* downloaded(hub: Hub, wanted: Wanted): AsyncGenerator<number> {
  const { file, path } = wanted
  if ((await sizeAt(path)) === file.bytes) return yield file.bytes
  const part = `${path}.part`
  await mkdir(dirname(path), { recursive: true })
  let inVain = 0
  for (let before = await sizeAt(part); before !== file.bytes;) {
    if (before > file.bytes) before = await emptied(part)
    const cut = yield* moreOf(hub, wanted, part, before)
    const now = await sizeAt(part)
    if (now === file.bytes) break
    inVain = now > before ? 0 : inVain + 1
    const waitMs = hub.waitsMs[inVain]
    if (waitMs === undefined)
      throw hubFailure(
        `${file.path} does not come: ${cut ?? 'the server ends too early'}. Try again later; what came is kept.`,
      )
    await pause(waitMs, hub.signal)
    before = now
  }
  if (file.bytes === 0) await emptied(part)
  await checked(hub, file, part)
  await rename(part, path)
  yield file.bytes
}

/** @returns why it was cut off; undefined when the server came to its end */
async function* moreOf(
  hub: Hub,
  { url, file }: Wanted,
  part: string,
  before: number,
): AsyncGenerator<number, string | undefined> {
  const answer = await hub.fetch(url, {
    headers: { 'accept-encoding': 'identity', ...(before > 0 && { range: `bytes=${before}-` }) },
  })
  const from = await startOf(answer, file, before)
  const silence = new AbortController()
  const out = await open(part, from === 0 ? 'w' : 'r+')
  let at = from
  try {
    for await (const bytes of piecesOf(answer, silence)) {
      if (at + bytes.length > file.bytes) throw hubFailure(longer(file))
      await out.write(bytes, 0, bytes.length, at)
      at += bytes.length
      yield at
    }
  } catch (error) {
    if (hub.signal.aborted) throw cancelled()
    const failure = error instanceof StudioFailure ? error : diskFailure(error, part)
    if (failure) throw failure
    return 'the connection is cut off'
  } finally {
    silence.abort()
    await out.close()
  }
  return undefined
}

const longer = ({ path, bytes }: HubFile): string =>
  `${path} has more than the ${bytes.toLocaleString('en')} bytes that the Hub lists: the server does not give the ` +
  'file that was asked for. Try again later.'

/** Where the answer begins in the file. @throws StudioFailure when it is of another size */
async function startOf(answer: Response, file: HubFile, before: number): Promise<number> {
  if (answer.status === 416) {
    await answer.body?.cancel()
    throw hubFailure(`${file.path} is shorter at the server than the Hub lists. Try again later.`)
  }
  if (answer.status !== 206) return 0
  const [, start, total] = /^bytes (\d+)-\d*\/(\d+|\*)/.exec(answer.headers.get('content-range') ?? '') ?? []
  const isOfThisSize = total === '*' || Number(total) === file.bytes
  if (Number(start) === before && isOfThisSize) return before
  await answer.body?.cancel()
  throw hubFailure(`${file.path}: the server gives another part of it than was asked for. Try again later.`)
}

/** What comes, as long as something does. */
async function* piecesOf({ body }: Response, silence: AbortController): AsyncGenerator<Uint8Array> {
  if (!body) return
  const reader = body.getReader()
  silence.signal.addEventListener('abort', () => void reader.cancel().catch(() => undefined))
  for (;;) {
    const timer = setTimeout(() => silence.abort(), silenceMs)
    const next = await reader.read().finally(() => clearTimeout(timer))
    if (next.done) return
    yield next.value
  }
}

/** @throws StudioFailure when its bytes are not those that the hub lists; they are thrown away */
async function checked(hub: Hub, { path, bytes, checksum }: HubFile, part: string): Promise<void> {
  if (!checksum) return
  const hash = createHash(checksum.kind === 'git' ? 'sha1' : 'sha256')
  if (checksum.kind === 'git') hash.update(`blob ${bytes}\0`)
  for await (const piece of createReadStream(part, { highWaterMark: 1 << 18 })) {
    if (hub.signal.aborted) throw cancelled()
    hash.update(piece as Buffer)
  }
  if (hash.digest('hex') === checksum.digest) return
  await rm(part, { force: true })
  throw hubFailure(`${path} came damaged: its checksum is not the one that the Hub lists. Try again.`)
}

async function emptied(part: string): Promise<number> {
  await (await open(part, 'w')).close()
  return 0
}

export async function sizeAt(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0
}
