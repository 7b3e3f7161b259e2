/**
 * The team of one registry, in a folder beside it that is its user's alone: a registry may come from somebody else, and
 * must not say who may in. What is said once stands in a file of its own, which is made or deleted whole: the command
 * line and a running server never overwrite each other.
 *
 *   people/NAME          who belongs to it                 invitations/TOKEN   lets one browser in, once
 *   sessions/COOKIE      a browser that was let in         audit.jsonl         who did what
 *
 * Of tokens and cookies the names are SHA-256: 192 random bits need no slower one, and the files let nobody in.
 */
import { createHash } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import { besideRegistry } from '../store/checkpoint-files'

type Part = 'people' | 'invitations' | 'sessions'

export interface TeamFolder {
  readonly path: string
  /** @returns false when there is one of this name already */
  make(part: Part, name: string, value: unknown): boolean
  replace(part: Part, name: string, value: unknown): void
  /** @returns false when there was none, or somebody else was faster */
  drop(part: Part, name: string): boolean
  /** @returns undefined for none, and for what is no such thing */
  read<T>(part: Part, name: string, schema: z.ZodType<T>): T | undefined
  names(part: Part): readonly string[]
}

export function teamFolder(registryPath: string): TeamFolder {
  const path = besideRegistry(registryPath, 'team')
  const open = (part: Part): string => {
    const folder = join(path, part)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    chmodSync(path, 0o700)
    return folder
  }
  const fileOf = (part: Part, name: string): string => join(path, part, name)
  return {
    path,
    make: (part, name, value) => written(join(open(part), name), value),
    replace: (part, name, value) => {
      const file = join(open(part), name)
      writeFileSync(`${file}.partial`, JSON.stringify(value), { mode: 0o600 })
      renameSync(`${file}.partial`, file)
    },
    drop: (part, name) => orWithout(() => (unlinkSync(fileOf(part, name)), true), false),
    read: (part, name, schema) =>
      schema.safeParse(orWithout(() => parsed(readFileSync(fileOf(part, name), 'utf8')), undefined)).data,
    names: (part) =>
      orWithout(() => readdirSync(join(path, part)), []).filter((name) => /^[0-9a-f]{64}$/.test(name)),
  }
}

/** The name under which a token, a cookie or a person stands. */
export const hashed = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Whole, or not at all, and never over another. */
function written(file: string, value: unknown): boolean {
  try {
    writeFileSync(file, JSON.stringify(value), { mode: 0o600, flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function orWithout<T>(act: () => T, nothing: T): T {
  try {
    return act()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return nothing
    throw error
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
