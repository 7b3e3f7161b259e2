import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { get, request, type IncomingMessage, type RequestOptions } from 'node:http'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { startWebServer } from '../../src-main/border/web-server'
import { openUploads, type Uploads } from '../../src-main/border/uploads'
import type { Wire } from '../../src-shared/wire'
import { testFolder } from '../helpers/registry'

const token = 'a-token-of-this-start'

async function server() {
  const folder = testFolder()
  const pageFolder = join(folder, 'page')
  mkdirSync(join(pageFolder, 'assets'), { recursive: true })
  writeFileSync(join(pageFolder, 'index.html'), '<!doctype html>')
  writeFileSync(join(pageFolder, 'assets', 'app.js'), 'export {}')
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  const uploads: Uploads = await openUploads(join(folder, 'registry.sqlite'))
  const wires: Wire[] = []
  const web = await startWebServer({ pageFolder, token, uploads, onWire: (wire) => wires.push(wire) }, 0)
  onTestFinished(() => web.close())
  return { folder, port: web.port, origin: `http://127.0.0.1:${web.port}`, uploads, wires }
}

interface Reply {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

async function replyTo(response: IncomingMessage): Promise<Reply> {
  let body = ''
  for await (const chunk of response) body += String(chunk)
  return { status: response.statusCode ?? 0, headers: response.headers, body }
}

/** A request with its path as it stands: `fetch` would tidy it up first. */
const fetched = (port: number, path: string, options: RequestOptions = {}): Promise<Reply> =>
  new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, ...options }, (response) => void replyTo(response).then(resolve)).on(
      'error',
      reject,
    )
  })

const posted = (
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<Reply> =>
  new Promise((resolve, reject) => {
    request(
      { host: '127.0.0.1', port, path, method: 'POST', headers },
      (response) => void replyTo(response).then(resolve),
    )
      .on('error', reject)
      .end(body)
  })

describe('the page over HTTP', () => {
  it('comes with its type and the headers that lock it in', async () => {
    const { port } = await server()
    const page = await fetched(port, '/')
    expect(page).toMatchObject({ status: 200, body: '<!doctype html>' })
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    expect(page.headers['content-security-policy']).toContain(
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'",
    )
    expect((await fetched(port, '/assets/app.js')).headers['content-type']).toBe(
      'text/javascript; charset=utf-8',
    )
  })

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/../../secret.txt',
    '/..\\secret.txt',
    '/%00',
    '/%zz',
    '/assets',
    '/nothing.js',
    '//secret.txt',
  ])('answers 404 to %s', async (path) => {
    const { port } = await server()
    const { status, body } = await fetched(port, path)
    expect([status, body]).toEqual([404, 'There is no such page.'])
  })

  it.each(['studio.example', '127.0.0.1:1', 'localhost', '0.0.0.0', 'user@127.0.0.1'])(
    'answers 403 to the host %j',
    async (host) => {
      const { port } = await server()
      expect((await fetched(port, '/', { headers: { host } })).status).toBe(403)
    },
  )

  it('answers to localhost with its port, and to nothing but GET and HEAD', async () => {
    const { port } = await server()
    expect((await fetched(port, '/', { headers: { host: `localhost:${port}` } })).status).toBe(200)
    expect((await fetched(port, '/', { method: 'HEAD' })).body).toBe('')
    expect((await posted(port, '/', {}, 'x')).status).toBe(405)
  })

  it('listens on this machine alone', async () => {
    const { port } = await server()
    const socket = createConnection({ host: '127.0.0.2', port })
    expect(await once(socket, 'error').then(([error]) => (error as NodeJS.ErrnoException).code)).toBe(
      'ECONNREFUSED',
    )
  })
})

describe('the line to main', () => {
  const opened = async (address: string, origin?: string): Promise<string> => {
    const socket = new WebSocket(address, origin === undefined ? {} : { origin })
    onTestFinished(() => socket.terminate())
    return new Promise((resolve) => {
      socket.on('open', () => resolve('open'))
      socket.on('unexpected-response', (_request, response) => resolve(String(response.statusCode)))
      socket.on('error', (error) => resolve(error.message))
    })
  }

  it('opens with token and origin', async () => {
    const { port, origin, wires } = await server()
    expect(await opened(`ws://127.0.0.1:${port}/ws?token=${token}`, origin)).toBe('open')
    expect(wires).toHaveLength(1)
  })

  it.each<[string, string, string | true | undefined]>([
    ['a wrong token', '/ws?token=a-token-of-that-start', true],
    ['a shorter token', '/ws?token=a', true],
    ['no token', '/ws', true],
    ['another path', `/other?token=${token}`, true],
    ['another origin', `/ws?token=${token}`, 'http://elsewhere.example'],
    ['no origin', `/ws?token=${token}`, undefined],
  ])('is refused with 403 to %s', async (_, path, from) => {
    const { port, origin, wires } = await server()
    expect(await opened(`ws://127.0.0.1:${port}${path}`, from === true ? origin : from)).toBe('403')
    expect(wires).toHaveLength(0)
  })

  it.each(['not json', Buffer.from([1, 2, 3])])('is closed when a message is no frame', async (message) => {
    const { port, origin, wires } = await server()
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws?token=${token}`, { origin })
    await once(socket, 'open')
    wires[0]!.onFrame(() => {})
    socket.send(message)
    expect((await once(socket, 'close'))[0]).toBe(1008)
  })
})

describe('a page that misbehaves', () => {
  it('loses its own line and nobody else’s', async () => {
    const { port, origin, wires } = await server()
    const address = `ws://127.0.0.1:${port}/ws?token=${token}`
    const [bad, good] = [new WebSocket(address, { origin }), new WebSocket(address, { origin })]
    await Promise.all([once(bad, 'open'), once(good, 'open')])
    for (const wire of wires) wire.onFrame((frame) => wire.send(frame))
    bad.send('x'.repeat(5 * 1024 * 1024))
    expect((await once(bad, 'close'))[0]).toBe(1009) // too large
    const raw = createConnection({ host: '127.0.0.1', port })
    raw.write('GET /ws HTTP/1.1\r\nHost: nobody\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
    raw.resetAndDestroy()
    good.send('{"kind":"close","id":1}')
    expect(String((await once(good, 'message'))[0])).toBe('{"kind":"close","id":1}')
    good.terminate()
  })
})

describe('an upload', () => {
  it('is written beside the registry under its own name, and deleted when it has been imported', async () => {
    const { port, origin, folder, uploads } = await server()
    const { status, body } = await posted(
      port,
      `/upload?name=${encodeURIComponent('my “reviews”.jsonl')}`,
      { origin, 'x-studio-token': token },
      '{"text":"a"}',
    )
    expect(status).toBe(200)
    const { path, bytes } = JSON.parse(body) as { path: string; bytes: number }
    expect(path.startsWith(join(folder, 'registry-uploads'))).toBe(true)
    expect(path.endsWith('my “reviews”.jsonl')).toBe(true)
    expect([bytes, readFileSync(path, 'utf8')]).toEqual([12, '{"text":"a"}'])
    await uploads.discard(path)
    expect(readdirSync(join(folder, 'registry-uploads'))).toEqual([])
  })

  it.each([
    ['../../escape.txt', 'escape.txt'],
    ['..\\escape.txt', 'escape.txt'],
    ['a:b|c.txt', 'a_b_c.txt'],
    ['..', 'upload'],
    ['', 'upload'],
  ])('named %j stays in its folder as %j', async (name, kept) => {
    const { port, origin, folder } = await server()
    const { body } = await posted(
      port,
      `/upload?name=${encodeURIComponent(name)}&token=${token}`,
      { origin },
      'x',
    )
    const { path } = JSON.parse(body) as { path: string }
    expect(path.split('/').slice(-1)).toEqual([kept])
    expect(path.startsWith(join(folder, 'registry-uploads'))).toBe(true)
  })

  it.each([
    ['a wrong token', { 'x-studio-token': 'wrong' }],
    ['another origin', { 'x-studio-token': token, origin: 'http://elsewhere.example' }],
  ])('with %s is refused and leaves nothing', async (_, headers) => {
    const { port, origin, folder } = await server()
    const { status, body } = await posted(
      port,
      '/upload?name=x',
      { origin, ...headers } as Record<string, string>,
      'x',
    )
    expect(status).toBe(403)
    expect(JSON.parse(body)).toEqual({
      problem:
        'This browser is not known to this start of the studio: open the address that was printed last.',
    })
    expect(existsSync(join(folder, 'registry-uploads'))).toBe(false)
  })

  it('that breaks off leaves nothing', async () => {
    const { port, origin, folder } = await server()
    const sending = request({
      host: '127.0.0.1',
      port,
      path: '/upload?name=x',
      method: 'POST',
      headers: { origin, 'x-studio-token': token, 'content-length': '1000' },
    })
    sending.on('error', () => {})
    sending.write('half')
    const uploads = join(folder, 'registry-uploads')
    while (!existsSync(uploads) || readdirSync(uploads).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 5))
    sending.destroy()
    while (readdirSync(uploads).length > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  })

  it('that a killed server left is gone at the next start, and other files are never discarded', async () => {
    const folder = testFolder()
    const left = join(folder, 'registry-uploads', 'a', 'left.jsonl')
    mkdirSync(join(left, '..'), { recursive: true })
    writeFileSync(left, 'x')
    const own = join(folder, 'mine.jsonl')
    writeFileSync(own, 'x')
    const uploads = await openUploads(join(folder, 'registry.sqlite'))
    expect(existsSync(left)).toBe(false)
    for (const path of [
      own,
      folder,
      join(folder, 'registry-uploads'),
      join(folder, 'registry-uploads', '..', 'mine.jsonl'),
    ])
      await uploads.discard(path)
    expect(existsSync(own)).toBe(true)
  })
})
