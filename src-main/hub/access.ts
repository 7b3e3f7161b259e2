/**
 * Where the hub is and who asks, by the environment, as huggingface_hub reads it. A token is read when something is
 * asked for and kept nowhere.
 */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { hubFailure } from './hub-failure'

export interface HubAccess {
  /** Without a slash at its end. */
  readonly endpoint: string
  readonly token: string | undefined
  /** How long to wait before each further try, in ms. */
  readonly waitsMs: readonly number[]
}

export type Environment = Readonly<Record<string, string | undefined>>

const usualEndpoint = 'https://huggingface.co'
const usualWaitsMs = [500, 2000, 5000, 10_000]
const yes = /^(1|on|yes|true)$/i

/** @throws StudioFailure hub-failed, when the environment names no address, or asks that nothing be fetched */
export function hubAccess(environment: Environment): HubAccess {
  if (yes.test(environment['HF_HUB_OFFLINE'] ?? ''))
    throw hubFailure('HF_HUB_OFFLINE is set: nothing is fetched from the Hub. Unset it to go on.')
  const endpoint = (environment['HF_ENDPOINT']?.trim() || usualEndpoint).replace(/\/+$/, '')
  if (!/^https?:\/\/[^/]/.test(endpoint) || !URL.canParse(endpoint))
    throw hubFailure(`HF_ENDPOINT is no address: “${endpoint}”. It is like ${usualEndpoint}.`)
  return { endpoint, token: tokenIn(environment), waitsMs: usualWaitsMs }
}

/** The environment's own, or what `hf auth login` has kept. */
function tokenIn(environment: Environment): string | undefined {
  const own = environment['HF_TOKEN'] || environment['HUGGING_FACE_HUB_TOKEN']
  const token = (own || keptToken(environment)).replace(/[\r\n]/g, '').trim()
  return token === '' ? undefined : token
}

function keptToken(environment: Environment): string {
  const caches = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  const home = environment['HF_HOME'] || join(caches, 'huggingface')
  try {
    return readFileSync(environment['HF_TOKEN_PATH'] || join(home, 'token'), 'utf8')
  } catch {
    return '' // nobody has signed in here
  }
}
