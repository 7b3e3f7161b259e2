/** What a client is told that cannot be answered: OpenAI's error object, and the status it comes with. */
import { errorText, StudioFailure } from '../../src-shared/result'

export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly param: string | null = null,
    readonly code: string | null = null,
  ) {
    super(message)
  }
}

export const refuse = (param: string, problem: string, code: string | null = null): never => {
  throw new Refusal(400, `${param} ${problem}`, param, code)
}

const types: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  500: 'server_error',
  503: 'server_error',
}

export const errorBody = ({ status, message, param, code }: Refusal): { readonly error: object } => ({
  error: { message, type: types[status] ?? 'invalid_request_error', param, code },
})

/** A bug is the caller's to report; what people can do something about comes back as a refusal. */
export function refusalOf(thrown: unknown): Refusal | undefined {
  if (thrown instanceof Refusal) return thrown
  if (!(thrown instanceof StudioFailure)) return undefined
  const { error } = thrown
  const text = errorText(error)
  if (error.kind === 'invalid-input')
    return new Refusal(400, text, error.field, text.includes('reads at most') ? lengthCode : null)
  if (error.kind === 'not-found') return new Refusal(404, text, 'model', 'model_not_found')
  return new Refusal(error.kind === 'compute-failed' ? 503 : 500, text)
}

/** Clients cut their conversation and ask again when they read it. */
const lengthCode = 'context_length_exceeded'
