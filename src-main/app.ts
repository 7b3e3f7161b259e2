/**
 * Entry: the studio in a desktop window. The page is served from `app://studio`, sandboxed and locked in: it
 * goes nowhere else, opens nothing, may nothing, and its only way out is one message port that speaks the
 * contract.
 */
import {
  app,
  BrowserWindow,
  crashReporter,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  nativeTheme,
  protocol,
  safeStorage,
  screen,
  session,
  utilityProcess,
  type WebFrameMain,
} from 'electron'
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { StudioFailure } from '../src-shared/result'
import { computeEnvironment, tailOf, type ForkCompute } from './processes/compute-child'
import type { FromCompute } from './processes/messages'
import { pageFile, pageHeaders, typeOf } from './border/page-files'
import { startProblem } from './places/native-problem'
import { askedRegistry, defaultRegistry } from './places/registry-location'
import { keyKeeping, whyNoStore, type Cipher } from './places/kept-keys'
import { resourcesFolder } from './places/resources-folder'
import { serve } from './border/serve'
import { openStudio, type Studio } from './studio'
import { leastSize, readWindowState, writeWindowState } from './places/window-state'
import { portWire } from './border/wire-port'

/** Under `npm run dev` the page comes from a development server; the build takes this choice away. */
const origin = process.env.ELECTRON_RENDERER_URL ?? 'app://studio'
const pageFolder = join(import.meta.dirname, '../renderer')

// --no-sandbox is for root on Linux; asking for the sandbox as well would end each child at once.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
// Crash dumps stay in the window's folder.
crashReporter.start({ uploadToServer: false })
protocol.registerSchemesAsPrivileged([
  { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
])

const registryPath = chooseRegistry()
if (app.requestSingleInstanceLock()) {
  app.on('web-contents-created', (_event, contents) => lockIn(contents))
  // Not awaited: Electron is ready only after this module has been evaluated.
  void app.whenReady().then(start)
} else {
  console.log('This registry is open in another window, which comes to the front.')
  app.quit()
}

/** One window a registry: each keeps its window state, and knows its second start, in a folder of its own. */
function chooseRegistry(): string {
  const { values } = parseArgs({
    args: process.argv.slice(1),
    options: { registry: { type: 'string' } },
    strict: false,
    allowPositionals: true,
  })
  const asked = askedRegistry(
    typeof values['registry'] === 'string' ? values['registry'] : undefined,
    process.env,
  )
  if (app.commandLine.hasSwitch('user-data-dir'))
    return asked ?? join(app.getPath('userData'), 'registry.sqlite')
  if (asked)
    app.setPath(
      'userData',
      join(app.getPath('userData'), 'windows', createHash('sha256').update(asked).digest('hex').slice(0, 16)),
    )
  return asked ?? defaultRegistry(process.platform, process.env)
}

async function start(): Promise<void> {
  process.on('uncaughtException', (error) => reportBug('main', error))
  // A log that nobody reads any more is no bug to report.
  for (const log of [process.stdout, process.stderr]) log.on('error', () => {})
  try {
    const studio = await openStudio({
      registryPath,
      host: 'electron',
      fork: forkUtility,
      readingThread: join(import.meta.dirname, 'reading-thread.js'),
      resources: resourcesFolder(),
      keys: keyKeeping(join(app.getPath('userData'), 'keys.json'), systemStore, process.env),
      reportBug,
    })
    endWith(studio)
    session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
    session.defaultSession.setPermissionCheckHandler(() => false)
    session.defaultSession.setDevicePermissionHandler(() => false)
    session.defaultSession.on('will-download', (event) => event.preventDefault())
    protocol.handle('app', respond)
    ipcMain.on('studio:connect', (event) => connectPage(studio, event.senderFrame))
    Menu.setApplicationMenu(menu())
    const window = openWindow()
    app.on('second-instance', () => {
      if (window.isDestroyed()) return
      if (window.isMinimized()) window.restore()
      window.focus()
    })
    await window.loadURL(`${origin}/index.html`)
  } catch (error) {
    await giveUp(error)
  }
}

const systemStore: Cipher = {
  whyNot: () =>
    whyNoStore(safeStorage.isEncryptionAvailable(), () => safeStorage.getSelectedStorageBackend()),
  encrypt: (text) => safeStorage.encryptString(text),
  decrypt: (encrypted) => safeStorage.decryptString(encrypted),
}

function openWindow(): BrowserWindow {
  mkdirSync(app.getPath('userData'), { recursive: true })
  const stateFile = join(app.getPath('userData'), 'window.json')
  const { bounds, isMaximized } = readWindowState(
    stateFile,
    screen.getAllDisplays().map((display) => display.workArea),
  )
  const window = new BrowserWindow({
    ...bounds,
    minWidth: leastSize.width,
    minHeight: leastSize.height,
    show: false,
    autoHideMenuBar: true,
    title: 'RLHF Studio',
    backgroundColor: frameColours().color,
    titleBarStyle: 'hidden',
    ...(process.platform !== 'darwin' && { titleBarOverlay: frameColours() }),
    webPreferences: {
      preload: join(import.meta.dirname, '../preload/preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      spellcheck: false,
    },
  })
  if (isMaximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  window.on('close', () => writeWindowState(stateFile, window.getNormalBounds(), window.isMaximized()))
  nativeTheme.on('updated', () => {
    if (!window.isDestroyed() && process.platform !== 'darwin') window.setTitleBarOverlay(frameColours())
  })
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit')
      void offerReload(window, `The page of the studio stopped working (${reason}).`)
  })
  window.on('unresponsive', () => void offerReload(window, 'The page of the studio does not answer.'))
  return window
}

/** `--window` and `--ink` of the page's tokens; one line less than the title bar: its edge stays visible. */
function frameColours(): { readonly color: string; readonly symbolColor: string; readonly height: number } {
  return nativeTheme.shouldUseDarkColors
    ? { color: '#141413', symbolColor: '#EDECE7', height: 35 }
    : { color: '#F1F1EE', symbolColor: '#1A1A18', height: 35 }
}

async function offerReload(window: BrowserWindow, message: string): Promise<void> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'warning',
    message,
    detail: 'Runs go on, and nothing that was saved is lost.',
    buttons: ['Open it again', 'Wait'],
    defaultId: 0,
    cancelId: 1,
  })
  if (response === 0 && !window.isDestroyed()) window.webContents.reload()
}

/** The page stays where it is and opens nothing. */
function lockIn(contents: Electron.WebContents): void {
  contents.on('will-navigate', (event) => {
    if (!event.url.startsWith(`${origin}/`)) event.preventDefault()
  })
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}

async function respond(request: Request): Promise<Response> {
  const { host, pathname } = new URL(request.url)
  const file = host === 'studio' ? await pageFile(pageFolder, pathname) : undefined
  if (!file) return new Response('There is no such page.', { status: 404, headers: pageHeaders })
  return new Response(new Uint8Array(await readFile(file)), {
    headers: { ...pageHeaders, 'content-type': typeOf(file) },
  })
}

/** Only the page itself gets a port, and only in the window's own frame. */
function connectPage(studio: Studio, frame: WebFrameMain | null): void {
  if (!frame || frame.parent || !frame.url.startsWith(`${origin}/`)) return
  const { port1, port2 } = new MessageChannelMain()
  serve(
    portWire(port1, (event) => (event as Electron.MessageEvent).data),
    studio.handlers,
    reportBug,
  )
  frame.postMessage('studio:port', null, [port2])
}

const forkUtility: ForkCompute = () => {
  const child = utilityProcess.fork(join(import.meta.dirname, 'compute-process.js'), [], {
    serviceName: 'RLHF Studio compute',
    stdio: ['ignore', 'ignore', 'pipe'],
    env: computeEnvironment(),
  })
  const lastWords = tailOf(child.stderr)
  return {
    get pid() {
      return child.pid
    },
    send: (message) => child.postMessage(message),
    onMessage: (listener) => {
      child.on('message', (message: FromCompute) => listener(message))
    },
    onEnd: (listener) => {
      child.once('exit', (code) => listener({ code, signal: signalIn(code), lastWords: lastWords() }))
    },
    // `child.kill` asks politely, and a training then saves; this is for when it should not.
    kill: () => {
      if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL')
    },
  }
}

/** Electron gives the number of a signal as if it were an exit code; our processes themselves end with 0 or 1. */
function signalIn(code: number): string | null {
  return code > 1
    ? (Object.entries(constants.signals).find(([, number]) => number === code)?.[0] ?? null)
    : null
}

/** Closing the window ends the program, after what runs has been saved. */
function endWith(studio: Studio): void {
  let isClosing = false
  app.on('window-all-closed', () => app.quit())
  app.on('before-quit', (event) => {
    event.preventDefault()
    if (isClosing) return
    isClosing = true
    for (const window of BrowserWindow.getAllWindows()) window.close()
    void studio.close().finally(() => app.exit(0))
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit())
  // What started this ended without a word.
  process.on('disconnect', () => app.quit())
}

/** Says why the studio cannot open, and ends. */
async function giveUp(error: unknown): Promise<void> {
  const message = startProblem(error)
  console.error(error instanceof StudioFailure ? message : error)
  await dialog.showMessageBox({
    type: 'error',
    message: 'The studio could not be opened.',
    detail: message,
    buttons: ['Close'],
  })
  app.exit(1)
}

function reportBug(where: string, error: unknown): void {
  console.error(`${where}:`, error)
}

function menu(): Menu {
  return Menu.buildFromTemplate([
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' as const }] : []),
    { role: 'fileMenu' },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        { role: 'toggleDevTools' },
      ],
    },
    { role: 'windowMenu' },
  ])
}
