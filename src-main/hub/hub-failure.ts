/** What goes wrong between here and the hub, in words: what, where, what to do. */
import { StudioFailure } from '../../src-shared/result'

export const hubFailure = (problem: string): StudioFailure =>
  new StudioFailure({ kind: 'hub-failed', problem })

export const cancelled = (): StudioFailure => new StudioFailure({ kind: 'cancelled' })

/** What is asked, of whom, by whom. */
export interface Asked {
  readonly endpoint: string
  readonly hasToken: boolean
  /** "OWNER/NAME", or what else is asked for. */
  readonly what: string
  /** Its page, where its terms are accepted. */
  readonly page: string
}

/** The first row that fits an answer says what it means. */
const meanings: readonly {
  readonly fits: (status: number, code: string) => boolean
  readonly says: (asked: Asked, status: number) => string
}[] = [
  {
    fits: (_, code) => code === 'GatedRepo',
    says: ({ what, page, hasToken }) =>
      hasToken
        ? `${what} is gated, and the account of this token may not have it yet: accept its terms at ${page}, ` +
          'then try again.'
        : `${what} is gated: accept its terms at ${page} while signed in, and give the studio a token of that ` +
          'account by the environment’s HF_TOKEN or `hf auth login`.',
  },
  {
    fits: (_, code) => code === 'RevisionNotFound',
    says: ({ what, page }) => `${what} has no such revision. Its branches and tags are at ${page}.`,
  },
  {
    fits: (_, code) => code === 'EntryNotFound',
    says: ({ what }) => `A file of ${what} is not there any more: it was changed meanwhile. Try again.`,
  },
  {
    fits: (status, code) => code === 'RepoNotFound' || status === 404,
    says: ({ what, endpoint, hasToken }) =>
      `There is no ${what} at ${endpoint}, or it is private: look at its name` +
      (hasToken ? ' and at whose token this is.' : '; for a private one set HF_TOKEN.'),
  },
  {
    fits: (status) => status === 401 || status === 403,
    says: ({ what, endpoint, hasToken }) =>
      hasToken
        ? `${endpoint} does not let this token read ${what}: look at what the token allows.`
        : `${endpoint} gives ${what} to nobody without a token, or there is no such repository: look at its ` +
          'name, and set HF_TOKEN for what is private or gated.',
  },
  {
    fits: (status) => status === 429,
    says: ({ endpoint }) =>
      `${endpoint} asks for a pause: too many requests came from here. Try again later.`,
  },
  {
    fits: () => true,
    says: ({ endpoint, what }, status) =>
      `${endpoint} failed to give ${what} (it answered ${status}). Try again later.`,
  },
]

/** Of an answer that is none. */
export function refusedBy(asked: Asked, answer: Response): StudioFailure {
  const code = answer.headers.get('x-error-code') ?? ''
  const meaning = meanings.find(({ fits }) => fits(answer.status, code))
  return hubFailure(meaning?.says(asked, answer.status) ?? '')
}

/** Codes that do not get better by trying again soon. */
const hopeless = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'CERT_HAS_EXPIRED', 'ERR_INVALID_URL']

/** Why no answer came at all. */
export function unreached(
  { endpoint }: Asked,
  thrown: unknown,
): { readonly failure: StudioFailure; readonly mayPass: boolean } {
  const code = codeOf(thrown)
  const why = code === '' ? '' : ` (${code})`
  return {
    failure: hubFailure(
      `${endpoint} cannot be reached${why}: look whether this machine is online, and at HF_ENDPOINT.`,
    ),
    mayPass: !hopeless.includes(code),
  }
}

function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return ''
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code
  return codeOf(thrown.cause)
}
