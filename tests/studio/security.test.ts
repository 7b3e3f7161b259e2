import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { WebSocket } from 'ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import {
  electronPath,
  whyNoChromium,
  whyNoElectron,
  openBrowser,
  openPage,
  openServer,
  openWindow,
  root,
  storyFolder,
} from './harness/studios'
import { skipped } from '../helpers/skipping'

/** What no page of the studio may do, wherever it is shown. */
function lockedIn(page: () => Page): void {
  it('runs no text as code', async () => {
    const ran = await page().evaluate(async () => {
      const marks = window as unknown as { byTimer?: boolean; byScript?: boolean }
      setTimeout('window.byTimer = true', 0)
      const script = document.createElement('script')
      script.textContent = 'window.byScript = true'
      document.body.append(script)
      await new Promise((resolve) => {
        setTimeout(resolve, 50)
      })
      return { byTimer: marks.byTimer, byScript: marks.byScript }
    })
    expect(ran).toEqual({})
  })

  it('reaches no other address', async () => {
    expect(
      await page().evaluate(() =>
        fetch('http://127.0.0.1:9/').then(
          () => 'reached',
          () => 'refused',
        ),
      ),
    ).toBe('refused')
  })

  it('knows nothing of Node', async () => {
    expect(
      await page().evaluate(() => [
        typeof (globalThis as { require?: unknown }).require,
        typeof (globalThis as { process?: unknown }).process,
        typeof (globalThis as { module?: unknown }).module,
      ]),
    ).toEqual(['undefined', 'undefined', 'undefined'])
  })
}

describe.skipIf(whyNoElectron !== undefined)(
  `the page in an Electron window${skipped(whyNoElectron)}`,
  () => {
    const folder = storyFolder()
    const registry = `${folder.path}/registry.sqlite`
    const settings = `${folder.path}/settings`
    let window: Awaited<ReturnType<typeof openWindow>>
    beforeAll(async () => {
      window = await openWindow(registry, settings)
      await window.page.getByRole('navigation').waitFor()
    })
    afterAll(async () => {
      await window?.close()
      folder.remove()
    })

    lockedIn(() => window.page)

    it('has the content security policy on every file', async () => {
      const policy = await window.page.evaluate(() =>
        fetch('app://studio/index.html').then((response) => response.headers.get('content-security-policy')),
      )
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("script-src 'self'")
      expect(policy).not.toContain('unsafe-eval')
    })

    it('is sandboxed, isolated and without Node', async () => {
      const preferences = await window.app.evaluate(({ webContents }) => {
        const [contents] = webContents.getAllWebContents() as unknown as {
          getLastWebPreferences(): Record<string, unknown>
        }[]
        const { sandbox, contextIsolation, nodeIntegration } = contents!.getLastWebPreferences()
        return { sandbox, contextIsolation, nodeIntegration }
      })
      expect(preferences).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false })
    })

    it('has one way out, which opens the port and says where a dropped file lies', async () => {
      expect(
        await window.page.evaluate(() =>
          Object.keys((globalThis as unknown as { studioHost: object }).studioHost).sort(),
        ),
      ).toEqual(['connect', 'pathOf'])
    })

    it('goes nowhere else', async () => {
      await window.page.evaluate(() => {
        location.href = 'https://elsewhere.invalid/'
      })
      await window.page.waitForTimeout(300)
      expect(window.page.url()).toMatch(/^app:\/\/studio\//)
    })

    it('opens no other window', async () => {
      expect(await window.page.evaluate(() => globalThis.open('https://elsewhere.invalid/') === null)).toBe(
        true,
      )
      expect(window.app.windows()).toHaveLength(1)
    })

    it('reads no file outside its folder', async () => {
      const status = (path: string) =>
        window.page.evaluate((url) => fetch(url).then((response) => response.status), `app://studio/${path}`)
      expect(await status('..%2f..%2fpackage.json')).toBe(404)
      expect(await status('%2e%2e/%2e%2e/package.json')).toBe(404)
    })

    it('is granted no permission', async () => {
      const states = await window.page.evaluate(async () => ({
        place: (await navigator.permissions.query({ name: 'geolocation' })).state,
        messages: Notification.permission,
        camera: await navigator.mediaDevices.getUserMedia({ video: true }).then(
          () => 'granted',
          () => 'denied',
        ),
      }))
      expect(states).toEqual({ place: 'denied', messages: 'denied', camera: 'denied' })
    })

    it('is shown no device: no HID, no serial port, no USB', async () => {
      const seen = await window.page.evaluate(async () => {
        const { hid, serial, usb } = navigator as unknown as Record<
          'hid' | 'serial' | 'usb',
          { getDevices?(): Promise<readonly unknown[]>; getPorts?(): Promise<readonly unknown[]> } | undefined
        >
        const of = async (list: (() => Promise<readonly unknown[]> | undefined) | undefined) =>
          (await list?.()?.catch(() => [])) ?? []
        return [
          await of(() => hid?.getDevices?.()),
          await of(() => serial?.getPorts?.()),
          await of(() => usb?.getDevices?.()),
        ]
      })
      expect(seen).toEqual([[], [], []])
      const asked = await window.page.evaluate(() =>
        (navigator as unknown as { usb?: { requestDevice(o: object): Promise<unknown> } }).usb
          ?.requestDevice({ filters: [] })
          .then(
            () => 'given',
            () => 'refused',
          ),
      )
      expect(asked ?? 'refused').toBe('refused')
    })

    it('downloads nothing', async () => {
      const done = window.app.evaluate(
        ({ session }) =>
          new Promise<string>((resolve) => {
            session.defaultSession.on('will-download', (event) =>
              resolve(event.defaultPrevented ? 'prevented' : 'allowed'),
            )
          }),
      )
      await window.page.evaluate(() => {
        const link = document.createElement('a')
        link.href = URL.createObjectURL(new Blob(['x']))
        link.download = 'x.txt'
        link.click()
      })
      expect(await done).toBe('prevented')
    })

    it('comes to the front when the studio is started again on its registry', async () => {
      const again = spawn(
        electronPath!,
        [
          '--disable-gpu',
          ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
          `--user-data-dir=${settings}`,
          root,
          '--registry',
          registry,
        ],
        { stdio: 'ignore' },
      )
      const [code] = (await once(again, 'exit')) as [number]
      expect(code).toBe(0)
      expect(window.app.windows()).toHaveLength(1)
    })
  },
)

describe.skipIf(whyNoChromium !== undefined)(`the page in a browser${skipped(whyNoChromium)}`, () => {
  const folder = storyFolder()
  let server: Awaited<ReturnType<typeof openServer>>
  let browser: Awaited<ReturnType<typeof openBrowser>>
  let opened: Awaited<ReturnType<typeof openPage>>
  beforeAll(async () => {
    server = await openServer(`${folder.path}/registry.sqlite`)
    browser = await openBrowser()
    opened = await openPage(browser, server.address)
    await opened.page.getByRole('navigation').waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
    folder.remove()
  })

  lockedIn(() => opened.page)

  it('takes the token out of the address bar', () => {
    expect(opened.page.url()).not.toContain('token')
  })

  it('keeps what opens the door where no script finds it', async () => {
    const [cookie] = await opened.page.context().cookies()
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' })
    expect(await opened.page.evaluate(() => document.cookie)).toBe('')
    expect(await opened.page.evaluate(() => sessionStorage.length)).toBe(0)
  })

  it('has used its address up: the next browser needs the one that was printed then', async () => {
    const [first, next] = server.said().match(/http:\/\/127\.0\.0\.1:\d+\S*/g) ?? []
    const other = await browser.newContext()
    const page = await other.newPage()
    await page.goto(first!)
    await page.getByText('open the address that it printed').waitFor()
    await page.goto('about:blank')
    await page.goto(next!)
    await page.getByText('Nothing is running').waitFor()
    await other.close()
  })
})

describe('the headless server', () => {
  const folder = storyFolder()
  let server: Awaited<ReturnType<typeof openServer>>
  let origin: string
  let token: string
  beforeAll(async () => {
    server = await openServer(`${folder.path}/registry.sqlite`)
    const address = new URL(server.address)
    origin = address.origin
    token = address.hash.replace(/^#\/?token=/, '')
  })
  afterAll(async () => {
    await server?.close()
    folder.remove()
  })

  /** Status of a request exactly as written: no path is tidied. */
  function status(
    path: string,
    {
      method = 'GET',
      headers = {},
    }: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> } = {},
  ): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port: new URL(origin).port, path, method, headers }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })
  }

  /** Whether a socket opens. */
  function opens(path: string, headers: Readonly<Record<string, string>>): Promise<boolean> {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}${path}`, { headers })
    return new Promise((resolve) => {
      socket.on('open', () => {
        socket.terminate()
        resolve(true)
      })
      socket.on('error', () => resolve(false))
    })
  }

  it('listens on this machine alone', () => expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:/))

  it('locks its page in by its headers', async () => {
    const { headers } = await fetch(origin)
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('gives out no file of another folder', async () => {
    expect(await status('/../../package.json')).toBe(404)
    expect(await status('/..%2f..%2fpackage.json')).toBe(404)
    expect(await status('/%2e%2e/%2e%2e/package.json')).toBe(404)
  })

  it('opens its socket for the token of this start and its own origin, and for nothing else', async () => {
    expect(await opens(`/ws?token=${token}`, { origin })).toBe(true)
    expect(await opens('/ws?token=wrong', { origin })).toBe(false)
    expect(await opens('/ws', { origin })).toBe(false)
    expect(await opens(`/ws?token=${token}`, { origin: 'https://elsewhere.invalid' })).toBe(false)
    expect(await opens(`/ws?token=${token}`, { origin, host: 'elsewhere.invalid' })).toBe(false)
  })

  it('answers to no other name, which rebinding would give it', async () => {
    expect(await status('/', { headers: { host: 'elsewhere.invalid' } })).toBe(403)
  })

  it('takes no upload without the token', async () => {
    expect(await status('/upload?name=a.txt', { method: 'POST', headers: { origin } })).toBe(403)
    expect(
      await status('/upload?name=a.txt', { method: 'POST', headers: { origin, 'x-studio-token': 'wrong' } }),
    ).toBe(403)
  })
})
