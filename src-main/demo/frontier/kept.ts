/** What has been made, in a file beside the registry: after a stop only what is missing is made. */
import { readFile, rename, writeFile } from 'node:fs/promises'

export interface Kept<T> {
  /** What is known of this key, or what `make` makes, which is then known. */
  once(key: string, make: () => Promise<T>): Promise<T>
}

/** @param path of a file that nobody but this program writes */
export async function keptIn<T>(path: string): Promise<Kept<T>> {
  const known = new Map(Object.entries(await readKept<T>(path)))
  return {
    async once(key, make) {
      const before = known.get(key)
      if (before !== undefined) return before
      const made = await make()
      known.set(key, made)
      await writeFile(`${path}.partial`, JSON.stringify(Object.fromEntries(known)))
      await rename(`${path}.partial`, path)
      return made
    },
  }
}

/** A file that is not there, or cannot be read, holds nothing. */
async function readKept<T>(path: string): Promise<Record<string, T>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, T>
  } catch {
    return {}
  }
}
