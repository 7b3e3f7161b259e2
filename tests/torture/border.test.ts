/** Clients that do not read, logs that nobody reads, uploads that stop, and data that commands the terminal. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startWebServer } from '../../src-main/border/web-server'
import { openUploads } from '../../src-main/border/uploads'
import { answer } from '../../src-main/border/answer'
import { openTerminal } from '../../src-main/cli/terminal'
import { defaultRegistry } from '../../src-main/places/registry-location'
import { builtMain } from '../helpers/built-main'
import { openSocket } from '../helpers/headless-studio'
import { testFolder } from '../helpers/registry'
import { skipped, whyNotLinux } from '../helpers/skipping'

const token = 'a-token-of-this-start'
const passedMs = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('9. a page that asks for a stream and never reads', () => {
  it('lets what it does not read wait unmade: 4 MB lie in main, not all of it', async () => {
    const folder = testFolder()
    let made = 0
    async function* flood() {
      for (; made < 2000; made++) yield 'x'.repeat(100_000)
    }
    const web = await startWebServer(
      {
        pageFolder: folder,
        token,
        uploads: await openUploads(join(folder, 'registry.sqlite')),
        onWire: (wire) =>
          answer(
            wire,
            { calls: {}, streams: { flood } },
            {
              read: () => ({}),
              errorOf: (_, e) => {
                throw e
              },
              reportBug: () => {},
            },
          ),
      },
      0,
    )
    onTestFinished(() => web.close())
    const origin = `http://127.0.0.1:${web.port}`
    const socket = await openSocket(origin, token)
    socket.pause()
    socket.send(JSON.stringify({ kind: 'open', id: 1, name: 'flood', input: {} }))
    await passedMs(1500)
    // 2000 · 100 kB would be 200 MB; 4 MB and what the system's own buffers hold are a tenth of it at most
    expect(made).toBeGreaterThan(0)
    expect(made).toBeLessThan(200)
    socket.resume()
    while (made < 2000) await passedMs(50)
    socket.terminate()
  })
})

describe('a million frames that are no requests', () => {
  it('fill no log: the first of a page is reported, and the page is answered as before', async () => {
    const reported: unknown[] = []
    const said: unknown[] = []
    let hear = (_: unknown): void => {}
    const wire = {
      send: (frame: unknown) => void said.push(frame),
      onFrame: (listener: (frame: never) => void) => void (hear = listener as typeof hear),
      onClose: () => {},
    }
    const read = (): unknown => ({})
    const errorOf = () => ({ kind: 'cancelled' }) as const
    answer(
      wire,
      { calls: { ask: () => 'here' }, streams: {} },
      { read, errorOf, reportBug: (where) => reported.push(where) },
    )
    const junk = [null, 7, [], {}, { kind: 'call' }, { kind: 'no', id: 1 }, { kind: 'close', id: 'x' }]
    for (let each = 0; each < 1_000_000; each++) hear(junk[each % junk.length])
    hear({ kind: 'call', id: 1, name: 'ask', input: {} })
    await passedMs(10)
    expect(reported).toEqual(['a frame'])
    expect(said).toEqual([{ kind: 'answer', id: 1, result: { ok: true, value: 'here' } }])
  })
})

describe('12. data that commands the terminal', () => {
  it('is spelled out on every way to it, and lines stay lines', () => {
    let said = ''
    const stream = { write: (text: string) => (said += text), isTTY: false }
    const terminal = openTerminal({ out: stream, err: stream }, false, () => 1e9)
    const bad = 'a\u001b[2J\u009b31m\u202eb\nc'
    terminal.result(bad, (text) => text)
    terminal.note(bad)
    terminal.progress(bad)
    terminal.error({ kind: 'storage', problem: bad })
    expect(said).toBe('a\\u001b[2J\\u009b31m\\u202eb\nc\n'.repeat(4))
  })

  it('is still the same JSON to whoever reads JSON', () => {
    let said = ''
    const stream = { write: (text: string) => (said += text) }
    openTerminal({ out: stream, err: stream }, true, () => 0).result({ name: '\u009b31m' }, () => '')
    expect(said).not.toContain('\u009b')
    expect(JSON.parse(said)).toEqual({ name: '\u009b31m' })
  })
})

describe.skipIf(whyNotLinux !== undefined)(
  `14. a log that nobody reads any more${skipped(whyNotLinux)}`,
  () => {
    it('neither ends the studio nor keeps it busy', async () => {
      const { headless } = await builtMain()
      const child = fork(headless, ['--registry', join(testFolder(), 'registry.sqlite')], {
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      })
      onTestFinished(() => void child.kill('SIGKILL'))
      const [line] = (await once(child.stdout!, 'data')) as [Buffer]
      child.stdout!.destroy()
      child.stderr!.destroy()
      const { origin, hash } = new URL(/http:\S+/.exec(line.toString())![0])
      const socket = await openSocket(origin, new URLSearchParams(hash.slice(1)).get('token')!)
      socket.send(JSON.stringify({ kind: 'no such frame' })) // is reported to the closed log
      await passedMs(500)
      socket.send(JSON.stringify({ kind: 'call', id: 1, name: 'runs.list', input: {} }))
      const [answered] = (await once(socket, 'message')) as [Buffer]
      expect(JSON.parse(answered.toString())).toMatchObject({ kind: 'answer', id: 1, result: { ok: true } })
      child.kill('SIGINT')
      const [code] = (await once(child, 'exit')) as [number | null]
      expect(code).toBe(0)
    })
  },
)

describe('15. an upload', () => {
  it('is ended when nothing more comes, not because it takes long', async () => {
    const folder = testFolder()
    const uploads = await openUploads(join(folder, 'registry.sqlite'))
    const web = await startWebServer({ pageFolder: folder, token, uploads, onWire: () => {}, idleMs: 600 }, 0)
    onTestFinished(() => web.close())
    const headers = { origin: `http://127.0.0.1:${web.port}`, 'x-studio-token': token }
    const started = () =>
      request({ host: '127.0.0.1', port: web.port, path: '/upload?name=a.txt', method: 'POST', headers })
    const slow = started()
    const answered = once(slow, 'response')
    for (let i = 0; i < 8; i++) {
      slow.write('part')
      await passedMs(200) // 1.6 s in all, never 600 ms of silence
    }
    slow.end()
    expect(((await answered) as [{ statusCode: number }])[0].statusCode).toBe(200)
    const silent = started()
    silent.write('part')
    const [error] = (await once(silent, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toMatch(/ECONNRESET|EPIPE/)
  })
})

describe('an empty HOME', () => {
  it('is said, and puts the registry into no folder that happens to be the current one', () => {
    expect(() => defaultRegistry('linux', { XDG_DATA_HOME: 'relative' })).toThrow(/say where with --registry/)
    expect(defaultRegistry('linux', { XDG_DATA_HOME: '/data' })).toBe('/data/rlhf-studio/registry.sqlite')
  })
})
