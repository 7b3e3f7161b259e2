/**
 * Lines of a job's output that are the run's own: marked, numbered, JSON. Everything else is of Ray, of Node or of
 * Python. What comes over a line that was opened anew begins again: what was heard is dropped.
 */
import { z } from 'zod'
import type { RunEvent } from '../processes/messages'

/** A file that a checkpoint or a model among the events names. */
export interface SaidFile {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

/** A model as other programs save it; the files named beside it are its own. */
export interface Trained {
  readonly kind: 'trained'
  readonly step: number
  /** Where its files lie, by Ray's id. */
  readonly node: string
  readonly atMs: number
}

export interface Said {
  /** From 1. */
  readonly line: number
  readonly events: readonly (RunEvent | Trained)[]
  readonly files?: readonly SaidFile[]
}

const mark = '@@studio '

export const asLine = (said: Said): string => `${mark}${JSON.stringify(said)}\n`

export interface Hearing {
  /** @returns what is new in it, in order; the rest of a line that is not whole waits for the next piece */
  take(piece: string): readonly Said[]
  /** What was said that is none of the run's: its end, for whoever asks why it failed. */
  otherWords(): string
  /** A new line has been opened: its first piece is the beginning of everything. */
  beginAgain(): void
}

const keptCharacters = 4000
const schema = z.object({
  line: z.number().int().min(1),
  events: z.array(z.looseObject({ kind: z.string() })),
  files: z.array(z.object({ name: z.string(), bytes: z.number(), sha256: z.string() })).optional(),
})

/** @param heard the newest number that was written down */
export function hearing(heard: number): Hearing {
  let newest = heard
  let rest = ''
  let others = ''
  const saidIn = (text: string): readonly Said[] => {
    const at = text.indexOf(mark)
    if (at < 0) {
      others = `${others}${text}\n`.slice(-keptCharacters)
      return []
    }
    const parsed = schema.safeParse(jsonIn(text.slice(at + mark.length)))
    if (!parsed.success || parsed.data.line !== newest + 1) return []
    newest++
    return [parsed.data as unknown as Said]
  }
  return {
    take: (piece) => {
      const lines = (rest + piece).split('\n')
      rest = lines.pop() ?? ''
      return lines.flatMap(saidIn)
    },
    otherWords: () => others.trim(),
    beginAgain: () => {
      rest = ''
    },
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
