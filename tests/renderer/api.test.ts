// @vitest-environment happy-dom
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { openApi } from '../../src-renderer/api'
import { serve, type Handlers } from '../../src-main/border/serve'
import { openUploads } from '../../src-main/border/uploads'
import { startWebServer, type WebServer } from '../../src-main/border/web-server'

/** What the browser keeps and no script of the page reads. */
const cookies = new Map<string, string>()

/** The page's socket as a browser opens it: with the page's origin, and its cookies. */
class PageSocket extends WebSocket {
  constructor(address: string) {
    super(address, {
      origin: location.origin,
      headers: { cookie: [...cookies].map((each) => each.join('=')).join('; ') },
    })
  }
}

/** The page's requests as a browser sends them. */
function pageFetch(
  path: string,
  { method = 'GET', headers = {} }: RequestInit = {},
): Promise<{ ok: boolean }> {
  const { origin } = location
  return new Promise((resolve, reject) => {
    request(`${origin}${path}`, { method, headers: { ...(headers as Record<string, string>), origin } })
      .on('response', (answer) => {
        answer.resume()
        for (const each of answer.headers['set-cookie'] ?? []) {
          const [, name, value] = /^(.+?)=(.*?);/.exec(each)!
          cookies.set(name!, value!)
        }
        resolve({ ok: answer.statusCode! < 300 })
      })
      .on('error', reject)
      .end()
  })
}

const windowOf = window as unknown as { readonly happyDOM: { setURL(url: string): void } }
const handlers = { calls: { 'datasets.list': () => [] }, streams: {} } as unknown as Handlers
let folder: string
let server: WebServer

/** @param port 0: any */
async function start(token: string, port = 0): Promise<WebServer> {
  const uploads = await openUploads(join(folder, 'registry.sqlite'))
  server = await startWebServer(
    {
      pageFolder: folder,
      token,
      uploads,
      onWire: (wire) =>
        serve(wire, handlers, (_, error) => {
          throw error
        }),
    },
    port,
  )
  return server
}

describe('the line to main, over a socket', () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'line-'))
    writeFileSync(join(folder, 'index.html'), '<!doctype html>')
    cookies.clear()
    vi.stubGlobal('WebSocket', PageSocket)
    vi.stubGlobal('fetch', pageFetch)
  })
  afterEach(() => {
    server.close()
    vi.unstubAllGlobals()
    rmSync(folder, { recursive: true })
  })
  const visit = (port: number, hash: string) => windowOf.happyDOM.setURL(`http://127.0.0.1:${port}/${hash}`)

  it('opens with the token in the address, and takes it out of there', async () => {
    visit((await start('secret')).port, '#token=secret')
    const api = openApi()
    expect(await api.call('datasets.list', {})).toEqual({ ok: true, value: [] })
    expect(location.hash).toBe('#/')
    expect(api.isConnected.value).toBe(true)
  })
  it('is known over a reload', async () => {
    const { port } = await start('secret')
    visit(port, '#token=secret')
    await openApi().call('datasets.list', {})
    visit(port, '#/runs')
    expect((await openApi().call('datasets.list', {})).ok).toBe(true)
  })
  it('is down when main ends, and open again when it is back and its address was opened', async () => {
    const { port } = await start('secret')
    visit(port, '#token=secret')
    const api = openApi()
    await api.call('datasets.list', {})
    server.close()
    await vi.waitFor(() => expect(api.isConnected.value).toBe(false))
    const waiting = api.call('datasets.list', {})
    await start('another', port)
    visit(port, '#token=another')
    expect((await waiting).ok).toBe(true)
    expect(api.isConnected.value).toBe(true)
  })
  it('knows a server that was started again, with another token', async () => {
    visit((await start('new token')).port, '#token=old')
    const api = openApi()
    await vi.waitFor(() => expect(api.isRefused.value).toBe(true), { timeout: 5000 })
    expect(api.isConnected.value).toBe(false)
  })
})
