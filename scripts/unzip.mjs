/** Unpacks a zip file. */
import fs from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import yauzl from 'yauzl'

/**
 * @param placeOf name in the archive → path under `into`, or undefined for what stays packed. Folders come by
 *   themselves
 * @throws Error when a path would lead outside
 */
export async function unzip(zipFile, into, placeOf = (name) => name) {
  const zip = await promisify(yauzl.open)(zipFile, { lazyEntries: true, autoClose: true })
  const openEntry = promisify(zip.openReadStream.bind(zip))
  await new Promise((resolve, reject) => {
    zip.on('error', reject)
    zip.on('end', resolve)
    zip.on('entry', (entry) =>
      unpackEntry(entry, openEntry, into, placeOf).then(() => zip.readEntry(), reject),
    )
    zip.readEntry()
  })
}

async function unpackEntry(entry, openEntry, into, placeOf) {
  if (entry.fileName.endsWith('/')) return
  const place = placeOf(entry.fileName)
  if (place === undefined) return
  const file = path.join(into, place)
  if (!file.startsWith(into + path.sep)) throw new Error(`a path outside the archive: ${entry.fileName}`)
  fs.mkdirSync(path.dirname(file), { recursive: true })
  const mode = (entry.externalFileAttributes >>> 16) & 0o777 || 0o644
  await pipeline(await openEntry(entry), fs.createWriteStream(file, { mode }))
}
