/** Electron's own binary: where it is, and its download when it is not there yet. */
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

const root = path.join(import.meta.dirname, '..')
const packageFolder = path.join(root, 'node_modules/electron')
const PATIENCE_MS = 20_000

/** The executable, or undefined while it is not downloaded. */
export function installedElectron() {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH
  const named = path.join(packageFolder, 'path.txt')
  const name = fs.existsSync(named)
    ? fs.readFileSync(named, 'utf8')
    : process.platform === 'win32'
      ? 'electron.exe'
      : 'electron'
  const executable = path.join(override ?? path.join(packageFolder, 'dist'), name)
  return fs.existsSync(executable) && (override !== undefined || fs.existsSync(named))
    ? executable
    : undefined
}

/**
 * Downloads it once with the package's own installer. Gives up when nothing has arrived for 20 s.
 * @returns why it could not, or undefined when the binary is there
 */
export function downloadElectron(say = console.log, patienceMs = PATIENCE_MS) {
  say('Downloading Electron, once …')
  const cache = path.join(root, '.cache')
  fs.mkdirSync(cache, { recursive: true })
  const arriving = fs.mkdtempSync(path.join(cache, 'electron-download-'))
  const installer = spawn(process.execPath, [path.join(packageFolder, 'install.js')], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, TMPDIR: arriving, TMP: arriving, TEMP: arriving },
  })
  return new Promise((resolve) => {
    let said = ''
    let bytes = 0
    let lastArrivalMs = Date.now()
    const watch = setInterval(() => {
      const now = bytesUnder(arriving) + bytesUnder(path.join(packageFolder, 'dist'))
      if (now !== bytes) lastArrivalMs = Date.now()
      bytes = now
      if (Date.now() - lastArrivalMs >= patienceMs) finish(`nothing arrived for ${patienceMs / 1000} s`)
    }, 250)
    installer.stderr.on('data', (data) => {
      said += data
    })
    installer.on('error', (error) => finish(error.message))
    installer.on('exit', (code) => finish(code === 0 ? undefined : reasonIn(said)))
    function finish(problem) {
      clearInterval(watch)
      installer.removeAllListeners('exit')
      installer.kill('SIGKILL')
      fs.rmSync(arriving, { recursive: true, force: true })
      resolve(problem)
    }
  })
}

const bytesUnder = (folder) =>
  !fs.existsSync(folder)
    ? 0
    : fs
        .readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .reduce(
          (sum, entry) =>
            sum +
            (fs.statSync(path.join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0),
          0,
        )

/**
 * The innermost error of a printed stack: "getaddrinfo ENOTFOUND github.com" says more than "fetch failed".
 */
const reasonIn = (stack) =>
  [...stack.matchAll(/^.*?\w*Error: (.+?)$/gm)].at(-1)?.[1]?.trim() ?? 'the installer failed'
