/** What crosses the process border: a value, or an error as a value. */
import type { Verdict } from './records/judgment'

/** What can go wrong at a process border. Anything not listed here is a bug and is thrown. */
export type StudioError =
  | { readonly kind: 'invalid-input'; readonly field: string; readonly problem: string }
  | { readonly kind: 'refused-settings'; readonly problems: readonly FieldProblem[] }
  | {
      readonly kind: 'refused-file'
      readonly file: string
      readonly problem: string
      readonly line?: number
      readonly column?: number
    }
  | {
      readonly kind: 'not-found'
      readonly what: 'run' | 'dataset' | 'checkpoint' | 'queue' | 'comparison' | 'example' | 'sweep' | 'plan'
      readonly id: string
    }
  | { readonly kind: 'in-use'; readonly what: 'dataset' | 'checkpoint' | 'run'; readonly by: string }
  | { readonly kind: 'run-not-resumable'; readonly runId: string; readonly problem: string }
  | {
      readonly kind: 'judged-meanwhile'
      readonly place: number
      readonly verdict: Verdict | 'answer'
      /** Who said it, where a name was given. */
      readonly by?: string
    }
  | { readonly kind: 'compute-failed'; readonly problem: string }
  | { readonly kind: 'storage'; readonly problem: string }
  | { readonly kind: 'hub-failed'; readonly problem: string }
  | { readonly kind: 'cluster-failed'; readonly problem: string }
  /** By the rules of a team's server. */
  | { readonly kind: 'refused'; readonly problem: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'bug'; readonly message: string }

/** What is wrong with one setting or one input of a recipe, said beside it. */
export interface FieldProblem {
  readonly field: string
  readonly problem: string
}

export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: StudioError }

export const ok = <T>(value: T): Result<T> => ({ ok: true, value })
export const err = (error: StudioError): { readonly ok: false; readonly error: StudioError } => ({
  ok: false,
  error,
})

/** Carries a `StudioError` through code that throws, to the one place that turns it back into a value. */
export class StudioFailure extends Error {
  constructor(readonly error: StudioError) {
    super(errorText(error))
    this.name = 'StudioFailure'
  }
}

/** What a person reads of something thrown: a failure's own sentence, or that of a bug. */
export const thrownText = (thrown: unknown): string =>
  errorText(thrown instanceof StudioFailure ? thrown.error : { kind: 'bug', message: String(thrown) })

export function assertNever(value: never): never {
  throw new Error(`unexpected: ${JSON.stringify(value)}`)
}

/** One sentence for people: what, where, and what to do. */
export function errorText(error: StudioError): string {
  switch (error.kind) {
    case 'invalid-input':
      return `${error.field} ${error.problem}`
    case 'refused-settings':
      return error.problems.map((p) => `${p.field}: ${p.problem}`).join('\n')
    case 'refused-file':
      return `${error.file}${place(error)}: ${error.problem}`
    case 'not-found':
      return `This ${error.what} no longer exists.`
    case 'in-use':
      return `This ${error.what} is used by ${error.by} and stays.`
    case 'run-not-resumable':
      return error.problem
    case 'judged-meanwhile':
      return (
        `Comparison ${error.place} was judged ${error.by ? `by ${error.by}` : 'in another window'} meanwhile: ` +
        `${error.verdict === 'answer' ? 'it has an answer' : error.verdict.replace('-', ' ')}. ` +
        'That verdict stands; yours was not taken.'
      )
    case 'compute-failed':
      return error.problem
    case 'storage':
    case 'hub-failed':
    case 'cluster-failed':
    case 'refused':
      return error.problem
    case 'cancelled':
      return 'Cancelled.'
    case 'disconnected':
      return 'The studio’s main process does not answer. What was saved is safe; open the studio again.'
    case 'bug':
      return `Something broke inside the studio: ${error.message}`
    default:
      return assertNever(error)
  }
}

function place({ line, column }: { readonly line?: number; readonly column?: number }): string {
  if (line === undefined) return ''
  return column === undefined ? `, line ${line}` : `, line ${line}, column ${column}`
}
