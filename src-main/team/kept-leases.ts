/**
 * Which comparisons each member had before them, kept so that a server that is killed and started again gives none of
 * them to somebody else. No times are kept: who comes back has a while from the start on, whatever the clocks say.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'

/** What one member has of one queue. */
export interface Lease {
  readonly queueId: string
  readonly person: string
  readonly comparisonIds: readonly string[]
}

export interface KeptLeases {
  read(): readonly Lease[]
  write(leases: readonly Lease[]): void
}

/** Where there is no team. */
export const noLeases: KeptLeases = { read: () => [], write: () => {} }

const stored = z.array(
  z.object({ queueId: z.string(), person: z.string(), comparisonIds: z.array(z.string()) }),
)

export function keptLeases(teamFolder: string): KeptLeases {
  const file = join(teamFolder, 'held.json')
  return {
    read: () => stored.safeParse(jsonIn(file)).data ?? [],
    write: (leases) => {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
      writeFileSync(`${file}.partial`, JSON.stringify(leases), { mode: 0o600 })
      renameSync(`${file}.partial`, file)
    },
  }
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined // none was kept, or it was cut short: then nobody waits for anything
  }
}
