/** Whoever comes with another token, from another origin or by another host's name: none of them gets in. */
import { once } from 'node:events'
import { request } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { openUploads } from '../../src-main/border/uploads'
import { startWebServer } from '../../src-main/border/web-server'
import { seeded, type Random } from '../../src-main/maths/random'
import { testFolder } from '../helpers/registry'
import { torturedRound, tried } from '../helpers/tries'

const token = 'wX3_a-token_of-this-start9Zq'

/** Whom it takes in, to be counted. */
async function server() {
  const folder = testFolder()
  const uploads = await openUploads(join(folder, 'registry.sqlite'))
  const entered: unknown[] = []
  const web = await startWebServer(
    { pageFolder: folder, token, uploads, onWire: (wire) => void entered.push(wire) },
    0,
  )
  onTestFinished(() => web.close())
  return { port: web.port, entered }
}

interface Caller {
  readonly host: string
  readonly origin: string
  readonly token: string
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_'

/** Almost the right one, or none. */
function otherToken(random: Random): string {
  const at = Math.floor(random() * token.length)
  const letter = letters[Math.floor(random() * letters.length)]!
  const others = [
    '',
    token.slice(0, at),
    token.slice(at + 1),
    `${token}${letter}`,
    token.slice(0, at) + (letter === token[at] ? '.' : letter) + token.slice(at + 1),
    token.toUpperCase(),
    [...token].reverse().join(''),
    Array.from(token, () => letters[Math.floor(random() * letters.length)]).join(''),
  ]
  return others[Math.floor(random() * others.length)]!
}

const otherHosts = (port: number): readonly string[] => [
  `evil.example:${port}`,
  `127.0.0.1.evil.example:${port}`,
  `127.0.0.1:${port + 1}`,
  '127.0.0.1',
  `localhost.:${port}`,
  `[::1]:${port}`,
  `0.0.0.0:${port}`,
  `127.1:${port}`,
  `127.0.0.1:${port}@evil.example`,
  `studio:${port}`,
  `127.0.0.1:0${port}`,
]
const otherOrigins = (port: number): readonly string[] => [
  'null',
  '',
  'https://evil.example',
  `https://127.0.0.1:${port}`,
  `http://127.0.0.1:${port}.evil.example`,
  `http://127.0.0.1:${port + 1}`,
  `http://localhost:${port}`,
  'http://127.0.0.1',
  `http://127.0.0.1:${port}/`,
  'file://',
  'chrome-extension://abcdefgh',
]

/** Wrong in one of the three, drawn; right in the others. */
function stranger(port: number, random: Random): Caller {
  const host = `127.0.0.1:${port}`
  const right = { host, origin: `http://${host}`, token }
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!
  const wrong = Math.floor(random() * 3)
  if (wrong === 0) return { ...right, token: otherToken(random) }
  if (wrong === 1) return { ...right, origin: one(otherOrigins(port)) }
  return { ...right, host: one(otherHosts(port)) }
}

const headersOf = ({ host, origin, token: given }: Caller) => ({
  host,
  ...(origin !== '' && { origin }),
  'x-studio-token': given,
})

/** What an upload, an entrance and a socket each answer. */
async function statuses(port: number, caller: Caller): Promise<readonly number[]> {
  const post = async (path: string): Promise<number> => {
    const asked = request({ host: '127.0.0.1', port, path, method: 'POST', headers: headersOf(caller) })
    asked.end('x')
    const [response] = (await once(asked, 'response')) as [{ statusCode: number; resume: () => void }]
    response.resume()
    return response.statusCode
  }
  return [await post('/upload?name=a.txt'), await post('/enter'), await socketStatus(port, caller)]
}

function socketStatus(port: number, caller: Caller): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers: headersOf(caller) })
    socket.on('open', () => {
      socket.terminate()
      resolve(101)
    })
    socket.on('unexpected-response', (_, { statusCode }) => resolve(statusCode ?? 0))
    socket.on('error', () => resolve(0))
  })
}

describe('a stranger', () => {
  it('with another token, origin or host is refused everywhere, and nothing of theirs is taken', async (context) => {
    const { port, entered } = await server()
    const random = seeded(100 + torturedRound)
    await tried(context, { short: 200, long: 5000 }, async () => {
      const caller = stranger(port, random)
      expect({ caller, is: await statuses(port, caller) }).toEqual({ caller, is: [403, 403, 403] })
      expect(entered).toEqual([])
    })
  })

  it('is who the test says: the right one gets in', async () => {
    const { port, entered } = await server()
    const host = `127.0.0.1:${port}`
    expect(await socketStatus(port, { host, origin: `http://${host}`, token })).toBe(101)
    expect(entered).toHaveLength(1)
  })
})
