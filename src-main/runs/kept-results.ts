/**
 * Numbers that cost much and follow from their inputs alone, kept on disk under a hash of those inputs: what
 * a frozen model gives for a run's texts is computed once, for this run, its resumption and every run like
 * it. The folder may be deleted at any time.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Keep } from '../trainers/trainer-row'

/** The oldest beyond these go. */
const mostFiles = 64
const ending = '.f32'

/** @param folder made when it is not there; nothing else lies in it */
export const keptIn =
  (folder: string): Keep =>
  async (inputs, compute) => {
    const path = join(folder, hashOf(inputs) + ending)
    const kept = await read(path)
    if (kept) return kept
    const values = await compute()
    await mkdir(folder, { recursive: true })
    await writeFile(`${path}.${process.pid}`, values)
    await rename(`${path}.${process.pid}`, path)
    await removeOldest(folder)
    return values
  }

/** Each input with its length before it, so that no two lists of inputs read alike. */
function hashOf(inputs: Iterable<string | ArrayBufferView>): string {
  const hash = createHash('sha256')
  for (const input of inputs) {
    const bytes = typeof input === 'string' ? Buffer.from(input) : bytesOf(input)
    hash.update(`${bytes.byteLength}:`)
    hash.update(bytes)
  }
  return hash.digest('hex')
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

async function read(path: string): Promise<Float32Array | undefined> {
  const bytes = await readFile(path).catch(() => undefined)
  return bytes && new Float32Array(new Uint8Array(bytes).buffer)
}

async function removeOldest(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending))
  if (names.length <= mostFiles) return
  const dated = await Promise.all(
    names.map(async (name) => ({ name, ms: (await stat(join(folder, name))).mtimeMs })),
  )
  const oldest = dated.sort((a, b) => a.ms - b.ms).slice(0, names.length - mostFiles)
  await Promise.all(oldest.map(({ name }) => rm(join(folder, name), { force: true })))
}
