/** What the commands reach of the world, and the ways in which they work on a registry. */
import type { Device } from '../../src-shared/records/device'
import { StudioFailure } from '../../src-shared/result'
import type { Api } from '../../src-shared/wire'
import type { ForkCompute } from '../processes/compute-child'
import type { ReadableDb } from '../store/handle'
import type { Exit, Streams, Terminal } from './terminal'

/** Asks to be told when the person presses Ctrl C. @returns how to stop listening */
export type OnInterrupt = (listener: () => void) => () => void

/** A line that a person types; undefined when there are no more, or nobody waits for it any longer. */
export type AskLine = (question: string, signal: AbortSignal) => Promise<string | undefined>

export interface Surroundings extends Streams {
  readonly version: string
  readonly now: () => number
  readonly onInterrupt: OnInterrupt
  /** Absent where nobody sits at the terminal. */
  readonly ask?: AskLine
  /** Where the registry lies: what `--registry` says, or the place for it on this machine. */
  registryPath(flag: string | undefined): string
  openReadOnly(path: string): ReadableDb
  /**
   * The whole studio on a registry, as its only writer.
   * @throws StudioFailure when another studio has it open
   */
  openStudio(path: string): Promise<{ readonly api: Api; close(): Promise<void> }>
  listDevices(registryPath: string): Promise<readonly Device[]>
  /** How a compute process starts here. */
  readonly fork: ForkCompute
  /** The headless server. @returns when it has ended, with its exit code */
  serve(registryPath: string, port: string | undefined, more: readonly string[]): Promise<number>
}

/** What a command is given to do its work with. */
export interface Workplace {
  readonly around: Surroundings
  readonly terminal: Terminal
  registry(): string
  /** Work beside an open studio, which writes nothing. */
  reading(work: (db: ReadableDb) => void | Promise<void>): Promise<void>
  /** Work as the registry's only writer; what it answers is what the program ends with. */
  writing(work: (api: Api) => Promise<Exit>): Promise<void>
  /** Says what the program ends with. */
  end(code: Exit | number): void
}

export function workplace(
  around: Surroundings,
  terminal: Terminal,
  registry: () => string,
  end: (code: Exit | number) => void,
): Workplace {
  return {
    around,
    terminal,
    registry,
    end,
    reading: async (work) => {
      const db = around.openReadOnly(registry())
      try {
        await work(db)
      } finally {
        db.close()
      }
    },
    writing: async (work) => {
      const studio = await around.openStudio(registry())
      try {
        end(await work(studio.api))
      } finally {
        await studio.close()
      }
    },
  }
}

/** Work that Ctrl C aborts. */
export async function interruptible<T>(
  { onInterrupt }: Pick<Surroundings, 'onInterrupt'>,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stopping = new AbortController()
  const release = onInterrupt(() => stopping.abort(new StudioFailure({ kind: 'cancelled' })))
  try {
    return await work(stopping.signal)
  } finally {
    release()
  }
}
