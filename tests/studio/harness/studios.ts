/**
 * A studio of a story's own: in an Electron window, or served to a Chromium. Both are the built program on a
 * registry in a temporary folder.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { _electron, chromium, type Browser, type ElectronApplication, type Page } from 'playwright-core'

export const root = path.join(import.meta.dirname, '../../..')
/** Executables of this machine; a story whose program is missing is skipped, with the reason. */
export const electronPath = process.env['STUDIO_TEST_ELECTRON']
const chromiumPath = process.env['STUDIO_TEST_CHROMIUM']
export const whyNoElectron = electronPath
  ? undefined
  : (process.env['STUDIO_TEST_WHY_NO_ELECTRON'] ?? 'there is no Electron; npm test finds one')
export const whyNoChromium = chromiumPath ? undefined : 'there is no Chromium'

/** How long anything on screen may take; a loaded machine is slow, and a fast one never waits. */
export const patienceMs = 90_000

const isRoot = process.getuid?.() === 0

/** A folder that lasts as long as the story. */
export function storyFolder(): { readonly path: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'studio-story-'))
  return { path: folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

const pictures = process.env['STUDIO_TEST_PICTURES'] ?? mkdtempSync(path.join(tmpdir(), 'studio-pictures-'))
mkdirSync(pictures, { recursive: true })
console.log(`Pictures of this story: ${pictures}`)

/** A picture of the window, for people to look at. */
export const picture = (page: Page, name: string): Promise<Buffer> =>
  page.screenshot({ path: path.join(pictures, `${name}.png`) })

export interface Window {
  readonly app: ElectronApplication
  readonly page: Page
  /** What the page wrote to its console as an error, and what it threw. */
  readonly complaints: readonly string[]
  close(): Promise<void>
}

/** The desktop studio. @param settings folder for its window state */
export async function openWindow(registry: string, settings: string): Promise<Window> {
  const app = await _electron.launch({
    executablePath: electronPath!,
    args: ['--disable-gpu', `--user-data-dir=${settings}`, root, '--registry', registry],
    chromiumSandbox: !isRoot,
    // A built studio takes its page from nowhere else, whatever its environment says.
    env: { ...process.env, NODE_OPTIONS: '', ELECTRON_RENDERER_URL: 'http://127.0.0.1:9' } as Record<
      string,
      string
    >,
    timeout: 60_000,
  })
  const page = await app.firstWindow()
  page.setDefaultTimeout(patienceMs)
  await toDatasets(page)
  return { app, page, complaints: complaintsOf(page), close: () => app.close() }
}

/** A first visit opens the first steps; stories begin in Datasets. */
export async function toDatasets(page: Page): Promise<void> {
  await page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'Datasets' }).click()
}

export interface Server {
  /** With the token of this start. */
  readonly address: string
  readonly child: ChildProcess
  /** What it has said so far. */
  said(): string
  close(): Promise<void>
}

/** The headless studio. @throws Error with what it said, when it ends before it listens */
export async function openServer(registry: string, ...flags: readonly string[]): Promise<Server> {
  const child = spawn(
    process.execPath,
    [path.join(root, 'out/main/headless.js'), '--registry', registry, ...flags],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  const address = await new Promise<string>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString()
      const found = /http:\/\/127\.0\.0\.1:\d+\S*/.exec(said)
      if (found) resolve(found[0])
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}: ${said}`)))
  })
  return {
    /** For the next browser: each address is for one. */
    get address() {
      return said.match(/http:\/\/127\.0\.0\.1:\d+\S*/g)?.at(-1) ?? address
    },
    child,
    said: () => said,
    close: () => ended(child, 'SIGTERM'),
  }
}

/** @returns when the process is gone */
export function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.on('exit', () => resolve())
    child.kill(signal)
  })
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath!,
    chromiumSandbox: !isRoot,
    args: [
      '--headless',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

export async function openPage(
  browser: Browser,
  address: string,
): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  const complaints = complaintsOf(page)
  page.setDefaultTimeout(patienceMs)
  await page.goto(address)
  await toDatasets(page)
  return { page, complaints }
}

export function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = []
  // the browser's own dialog never opens, not even between two that a story answers
  page.on('filechooser', () => {})
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  return complaints
}
