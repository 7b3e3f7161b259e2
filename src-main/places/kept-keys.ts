/**
 * Keys of servers elsewhere, as the system's own key store keeps them: a file of what it has encrypted, beside the
 * window's state and never in a registry. Who needs a key finds it where an environment variable of its name is looked
 * for, in this process and in those that it starts from then on.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import type { KeptKeys } from '../../src-shared/records/kept-keys'
import { StudioFailure } from '../../src-shared/result'
import { keyName } from '../../src-shared/rewards/judge-model'

/** The system's key store. */
export interface Cipher {
  /** Why it keeps nothing, in words; undefined: it does. */
  whyNot(): string | undefined
  encrypt(text: string): Buffer
  /** @throws Error when it was encrypted by another user or system */
  decrypt(encrypted: Buffer): string
}

export interface KeyKeeping {
  kept(): KeptKeys
  /** @throws StudioFailure when it cannot be kept, in words that do not have it */
  keep(name: string, key: string): void
  forget(name: string): void
}

type Environment = Record<string, string | undefined>

/** Where there is no key store, in words. */
const noStore =
  'Only the studio in its own window keeps keys. Here they come from environment variables: set one where the studio ' +
  'is started, and name it in the reward.'

export const noKeysKept: KeyKeeping = {
  kept: () => ({ names: [], whyNot: noStore }),
  keep: () => refuse('key', noStore),
  forget: () => {},
}

/**
 * Why a window's system keeps no keys; without a store Electron writes on Linux with a password that all know.
 * @param backend of Linux
 */
export function whyNoStore(
  isAvailable: boolean,
  backend: () => string,
  platform = process.platform,
): string | undefined {
  if (isAvailable && (platform !== 'linux' || !['basic_text', 'unknown'].includes(backend())))
    return undefined
  return (
    'This system has no key store that is open, such as GNOME’s Keyring, KWallet or the Keychain: nothing is kept. ' +
    'Set an environment variable where the studio is started, and name it in the reward.'
  )
}

const stored = z.record(z.string(), z.string())

/**
 * Gives the environment every key that can be read at once.
 * @param file that holds them; none yet is as good as one without any
 * @param environment what it has already is never changed
 */
export function keyKeeping(file: string, cipher: Cipher, environment: Environment): KeyKeeping {
  const encrypted = new Map(Object.entries(stored.safeParse(jsonIn(file)).data ?? {}))
  const given = new Set<string>()
  const give = (name: string, key: string): void => {
    environment[name] = key
    given.add(name)
  }
  if (cipher.whyNot() === undefined)
    for (const [name, text] of encrypted) {
      const key = keyName.test(name) && environment[name] === undefined ? readable(cipher, text) : undefined
      if (key !== undefined) give(name, key)
    }
  const write = (): void => {
    writeFileSync(`${file}.new`, JSON.stringify(Object.fromEntries(encrypted)), { mode: 0o600 })
    renameSync(`${file}.new`, file)
  }
  return {
    kept() {
      const whyNot = cipher.whyNot()
      return { names: [...encrypted.keys()].sort(), ...(whyNot !== undefined && { whyNot }) }
    },
    keep(name, key) {
      const whyNot = cipher.whyNot()
      if (whyNot !== undefined) refuse('key', whyNot)
      if (!keyName.test(name)) refuse('name', 'must be capitals, digits and _, as in OPENAI_API_KEY')
      if (environment[name] !== undefined && !given.has(name))
        refuse('name', 'is an environment variable already, and what it says is used: take another name')
      encrypted.set(name, cipher.encrypt(key).toString('base64'))
      write()
      give(name, key)
    },
    forget(name) {
      if (given.delete(name)) delete environment[name]
      if (encrypted.delete(name)) write()
    },
  }
}

/** Undefined where another user or system has encrypted it: it stays in the file, for that one. */
function readable(cipher: Cipher, text: string): string | undefined {
  try {
    return cipher.decrypt(Buffer.from(text, 'base64'))
  } catch {
    return undefined
  }
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined // not there yet, or cut short
  }
}

function refuse(field: 'name' | 'key', problem: string): never {
  throw new StudioFailure({ kind: 'invalid-input', field, problem })
}
