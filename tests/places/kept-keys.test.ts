/** Keys of servers elsewhere: what is kept of them, where they are found, and where they never are. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultsOf } from '../../src-shared/fields'
import { judgeModel } from '../../src-shared/rewards/judge-model'
import { keyKeeping, noKeysKept, whyNoStore, type Cipher } from '../../src-main/places/kept-keys'
import { judgeModelSource } from '../../src-main/rewards/judge-model'
import { chatServer } from '../helpers/chat-server'
import { testFolder } from '../helpers/registry'
import { testStudio } from '../helpers/test-studio'

const key = 'sk-tender-is-the-key'
/** A key store whose user has a number: it reads only what it has encrypted itself. */
const cipherOf = (user: number, whyNot?: string): Cipher => ({
  whyNot: () => whyNot,
  encrypt: (text) => Buffer.from([user, ...Buffer.from(text).map((byte) => byte ^ 0x5a)]),
  decrypt: ([owner, ...bytes]) => {
    if (owner !== user) throw new Error('this is another user’s')
    return Buffer.from(bytes.map((byte) => byte ^ 0x5a)).toString()
  },
})
const place = () => join(testFolder(), 'keys.json')

describe('a kept key', () => {
  it('is found by its name now and after the next start, and is nowhere to be read', () => {
    const file = place()
    const environment: Record<string, string | undefined> = {}
    keyKeeping(file, cipherOf(1), environment).keep('MY_JUDGE', key)
    expect(environment).toEqual({ MY_JUDGE: key })
    expect(readFileSync(file, 'utf8')).not.toContain(key)
    expect(readFileSync(file, 'utf8')).not.toContain(Buffer.from(key).toString('base64').slice(0, 12))
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o077).toBe(0)
    expect(readdirSync(join(file, '..'))).toEqual(['keys.json'])
    const later: Record<string, string | undefined> = {}
    const keys = keyKeeping(file, cipherOf(1), later)
    expect([later, keys.kept()]).toEqual([{ MY_JUDGE: key }, { names: ['MY_JUDGE'] }])
    keys.forget('MY_JUDGE')
    expect([later, keys.kept()]).toEqual([{}, { names: [] }])
    expect(readFileSync(file, 'utf8')).toBe('{}')
  })

  it('never stands in the way of an environment variable, nor takes its name', () => {
    const file = place()
    keyKeeping(file, cipherOf(1), {}).keep('MY_JUDGE', key)
    const environment = { MY_JUDGE: 'from the shell', PATH: '/bin' }
    const keys = keyKeeping(file, cipherOf(1), environment)
    expect(environment.MY_JUDGE).toBe('from the shell')
    expect(() => keys.keep('PATH', key)).toThrow('is an environment variable already')
    expect(() => keys.keep('my judge', key)).toThrow('must be capitals, digits and _')
    keys.forget('MY_JUDGE')
    keys.forget('PATH')
    expect(environment).toEqual({ MY_JUDGE: 'from the shell', PATH: '/bin' })
  })

  it('of another user stays for that one, and a file that is cut short holds none', () => {
    const file = place()
    keyKeeping(file, cipherOf(1), {}).keep('MY_JUDGE', key)
    const environment: Record<string, string | undefined> = {}
    const keys = keyKeeping(file, cipherOf(2), environment)
    expect(environment).toEqual({})
    keys.keep('ANOTHER', 'x')
    const again: Record<string, string | undefined> = {}
    keyKeeping(file, cipherOf(1), again)
    expect(again).toEqual({ MY_JUDGE: key })
    writeFileSync(file, '{"MY_JUDGE": "AXN')
    expect(keyKeeping(file, cipherOf(1), {}).kept()).toEqual({ names: [] })
  })

  it('is refused in words where nothing keeps it', () => {
    const keys = keyKeeping(place(), cipherOf(1, 'There is no key store here.'), {})
    expect(() => keys.keep('MY_JUDGE', key)).toThrow('There is no key store here.')
    expect(() => noKeysKept.keep('MY_JUDGE', key)).toThrow('Here they come from environment variables')
  })

  it('is what a judge is asked with', async () => {
    const server = await chatServer(() => '7')
    const { open, tryOut } = judgeModelSource
    const settings = {
      ...defaultsOf(judgeModel.fields),
      endpoint: server.endpoint,
      name: 'judge',
      how: 'score',
      keyFrom: 'KEPT_JUDGE',
    }
    expect(await tryOut?.({ settings }, [])).toContain('KEPT_JUDGE is neither kept in Settings')
    const keys = keyKeeping(place(), cipherOf(1), process.env)
    keys.keep('KEPT_JUDGE', key)
    expect(await tryOut?.({ settings }, [])).toBeUndefined()
    const reward = open({ settings, engine: undefined as never })
    expect(await reward([{ prompt: 'a', completion: 'b', hasEnded: true }])).toEqual([7])
    expect(server.asked[0]?.headers['authorization']).toBe(`Bearer ${key}`)
    keys.forget('KEPT_JUDGE')
    expect(await tryOut?.({ settings }, [])).toContain('KEPT_JUDGE is neither kept in Settings')
  })
})

describe('a system', () => {
  it('keeps keys where it has a store of its own, and not with a password that all know', () => {
    const backend = (name: string) => () => name
    expect(whyNoStore(true, backend('gnome_libsecret'), 'linux')).toBeUndefined()
    expect(whyNoStore(true, backend('unknown'), 'darwin')).toBeUndefined()
    for (const why of [
      whyNoStore(true, backend('basic_text'), 'linux'),
      whyNoStore(false, backend('kwallet5'), 'linux'),
    ])
      expect(why).toContain('no key store that is open')
  })
})

describe('the studio without a window', () => {
  it('keeps no key, says where they come from, and answers without it', async () => {
    const studio = await testStudio()
    expect(await studio.ask('keys.list', {})).toEqual({
      names: [],
      whyNot: expect.stringContaining('environment variables'),
    })
    const answer = await studio.api.call('keys.keep', { name: 'MY_JUDGE', key })
    expect(answer.ok).toBe(false)
    expect(JSON.stringify(answer)).not.toContain(key)
    expect(studio.bugs).toEqual([])
  })
})
