/**
 * What the command line says: text for people, or with --json one JSON value (a line each for long work).
 * Results go to stdout, all else to stderr.
 */
import { errorText, StudioFailure, type StudioError } from '../../src-shared/result'
import { printable } from './printable'

/** What the process ends with. */
export const exits = { done: 0, failed: 1, wrongUse: 2, interrupted: 130 } as const
export type Exit = (typeof exits)[keyof typeof exits]

export interface Terminal {
  readonly isJson: boolean
  /** The result: `value` with --json, else what `text` makes of it. */
  result<T>(value: T, text: (value: T) => string): void
  /**
   * One step of long work, for people only. On a terminal it overwrites the last one; elsewhere lines come at
   * most every few seconds.
   */
  progress(text: string): void
  /** A remark for people. */
  note(text: string): void
  error(error: StudioError): void
}

export interface Streams {
  readonly out: { write(text: string): unknown }
  readonly err: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number }
}

const plainEveryMs = 5000

export function openTerminal({ out, err }: Streams, isJson: boolean, now: () => number): Terminal {
  let hasOpenLine = false
  let lastPlainMs = -Infinity

  const endLine = (): void => {
    if (hasOpenLine) err.write('\r\x1b[K')
    hasOpenLine = false
  }
  const overwrite = (text: string): void => {
    err.write(`\r\x1b[K${printable(text).slice(0, Math.max(20, err.columns ?? 80) - 1)}`)
    hasOpenLine = true
  }
  const atIntervals = (text: string): void => {
    if (now() - lastPlainMs < plainEveryMs) return
    lastPlainMs = now()
    err.write(`${printable(text)}\n`)
  }

  return {
    isJson,
    result: (value, text) => {
      endLine()
      out.write(`${printable(isJson ? JSON.stringify(value) : text(value))}\n`)
    },
    progress: (text) => {
      if (isJson) return
      if (err.isTTY) overwrite(text)
      else atIntervals(text)
    },
    note: (text) => {
      endLine()
      if (!isJson) err.write(`${printable(text)}\n`)
    },
    error: (error) => {
      endLine()
      if (isJson) out.write(`${JSON.stringify({ error: { ...error, text: errorText(error) } })}\n`)
      else err.write(`${printable(errorText(error))}\n`)
    },
  }
}

/** Wrong settings and wrong input are the caller's to mend; the rest went wrong. */
export const exitOf = (error: StudioError): Exit =>
  error.kind === 'invalid-input' || error.kind === 'refused-settings' ? exits.wrongUse : exits.failed

/** A border's answer, or its error thrown to the one place that prints it. */
export function valueOf<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: StudioError },
): T {
  if (!result.ok) throw new StudioFailure(result.error)
  return result.value
}
