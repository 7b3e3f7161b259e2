/**
 * An ordinary user at a screen: a home folder of their own, no rights, no variable of ours, and the program as the
 * package installs it, with its sandbox.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chownSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { goTo } from '../studio/harness/hands'
import { complaintsOf, ended, patienceMs, toDatasets } from '../studio/harness/studios'

/** The system's user without rights. */
const NOBODY = 65534
const asNobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--no-new-privs']

export interface Somebody {
  readonly home: string
  /** Runs a command to its end. @returns what it wrote */
  run(command: string, ...args: readonly string[]): string
  /** Starts the program of the menu. */
  open(): Promise<OpenedStudio>
  leave(): Promise<void>
}

export interface OpenedStudio {
  readonly page: Page
  readonly complaints: readonly string[]
  /** From the start of the program to the datasets of the registry on screen. */
  readonly firstDataMs: number
  said(): string
  close(): Promise<void>
}

/** @param folder in which the home and what is temporary lie */
export async function somebody(folder: string): Promise<Somebody> {
  const home = path.join(folder, 'home')
  const temporary = path.join(folder, 'temporary')
  for (const each of [folder, home, temporary]) {
    mkdirSync(each, { recursive: true })
    chownSync(each, NOBODY, NOBODY)
  }
  const environment = { HOME: home, TMPDIR: temporary, PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' }
  const screen = await openScreen(environment)
  return {
    home,
    run: (command, ...args) => {
      const [program, ...before] = asNobody
      return execFileSync(program!, [...before, command, ...args], {
        env: environment,
        cwd: home,
        encoding: 'utf8',
      })
    },
    open: () => openStudio({ ...environment, DISPLAY: screen.display }),
    leave: () => ended(screen.server, 'SIGTERM'),
  }
}

interface Screen {
  readonly display: string
  readonly server: ChildProcess
}

/** Xvfb chooses a free number and says it. */
async function openScreen(environment: Readonly<Record<string, string>>): Promise<Screen> {
  const server = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'], {
    env: environment,
    uid: NOBODY,
    gid: NOBODY,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const display = await heard(server, /^(\d+)\n/)
  return { display: `:${display}`, server }
}

async function openStudio(environment: Readonly<Record<string, string>>): Promise<OpenedStudio> {
  const startedMs = performance.now()
  const [program, ...before] = asSandboxed
  const child = spawn(program!, [...before, 'rlhf-studio', '--remote-debugging-port=0'], {
    env: environment,
    cwd: environment['HOME'],
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const address = await heard(child, /DevTools listening on (ws:\S+)/)
  const browser = await chromium.connectOverCDP(address)
  const context = browser.contexts()[0]!
  const page = context.pages()[0] ?? (await context.waitForEvent('page'))
  const complaints = complaintsOf(page)
  page.setDefaultTimeout(patienceMs)
  await toDatasets(page)
  await page.getByText('Review preference pairs').first().waitFor()
  return {
    page,
    complaints,
    firstDataMs: performance.now() - startedMs,
    said: () => said,
    close: async () => {
      await browser.close()
      await ended(child, 'SIGTERM')
    },
  }
}

/**
 * Chooses a file of this machine in the import dialog. Playwright would hand a browser it has not started the file's
 * bytes, without a path.
 */
export async function bringFile(page: Page, file: string): Promise<void> {
  await goTo(page, 'Datasets')
  const devTools = await page.context().newCDPSession(page)
  await devTools.send('Page.enable')
  await devTools.send('Page.setInterceptFileChooserDialog', { enabled: true })
  const opened = new Promise<number>((resolve) =>
    devTools.on('Page.fileChooserOpened', ({ backendNodeId }) => resolve(backendNodeId!)),
  )
  await page.keyboard.press('Control+i')
  await devTools.send('DOM.setFileInputFiles', { files: [file], backendNodeId: await opened })
  await devTools.detach()
}

/** As at a desk: Chromium's helper may take the rights that its file carries. */
const asSandboxed = asNobody.filter((each) => each !== '--no-new-privs')

/** Waits for what a program says of itself. @throws Error with all it said, when it ends before that */
function heard(child: ChildProcess, pattern: RegExp): Promise<string> {
  let said = ''
  return new Promise((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString()
      const found = pattern.exec(said)
      if (found) resolve(found[1]!)
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.on('error', reject)
    child.on('exit', (code, signal) => reject(new Error(`it ended (${code ?? signal}): ${said}`)))
  })
}
