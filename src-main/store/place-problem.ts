/**
 * Why nothing can be opened or made at a path, by what lies there: SQLite says only that it could not.
 */
import fs from 'node:fs'
import path from 'node:path'

/** @returns undefined when nothing is in the way: a file could be made there */
export function placeProblem(file: string): string | undefined {
  const steps = stepsTo(path.resolve(file))
  for (const [index, each] of steps.entries()) {
    const found = seen(each)
    if (found === 'nothing') return forbidden(steps[index - 1]!, fs.constants.W_OK, 'write in')
    if (found === 'forbidden') return refusal(`enter ${path.dirname(each)}`)
    if (found === 'too long')
      return `${path.basename(each).slice(0, 40)}… is longer than a name may be on this disk. Choose a shorter one.`
    if (found === 'other')
      return `${each} is a link that leads back to itself, or cannot be looked at. Choose another place.`
    if (each === file && found.isDirectory())
      return `${file} is a folder. Name the file of a registry, as ${path.join(file, 'registry.sqlite')}.`
    if (each !== file && !found.isDirectory())
      return `${each} is a file where a folder is needed for ${file}. Move it away, or choose another place.`
  }
  return (
    forbidden(file, fs.constants.R_OK, 'read') ?? forbidden(path.dirname(file), fs.constants.W_OK, 'write in')
  )
}

/** Of this user's files, where the system sets a limit: bytes. */
export function mostFileBytes(): number | undefined {
  try {
    const limits = fs.readFileSync('/proc/self/limits', 'utf8')
    const most = /^Max file size\s+(\d+)/m.exec(limits)?.[1]
    return most === undefined ? undefined : Number(most)
  } catch {
    return undefined // a system that says it otherwise, or has none
  }
}

/** The folders above it from the root on, and the file. */
function stepsTo(file: string): readonly string[] {
  const above = path.dirname(file)
  return above === file ? [file] : [...stepsTo(above), file]
}

const codes: Readonly<Record<string, 'nothing' | 'forbidden' | 'too long'>> = {
  ENOENT: 'nothing',
  EACCES: 'forbidden',
  EPERM: 'forbidden',
  ENAMETOOLONG: 'too long',
}

function seen(each: string): fs.Stats | 'nothing' | 'forbidden' | 'too long' | 'other' {
  try {
    return fs.statSync(each)
  } catch (error) {
    return codes[(error as NodeJS.ErrnoException).code ?? ''] ?? 'other'
  }
}

function forbidden(each: string, mode: number, what: string): string | undefined {
  try {
    fs.accessSync(each, mode)
    return undefined
  } catch {
    return refusal(`${what} ${each}`)
  }
}

const refusal = (what: string): string =>
  `This user may not ${what}. Change its permissions, or choose another place.`
