/**
 * `npm start [-- --headless --registry PATH --port N]`: sets up and opens the studio. In a window where there
 * is a display and an Electron binary; else the same studio from a server on this machine alone. Ctrl C ends
 * everything.
 */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { downloadElectron, installedElectron } from './electron-binary.mjs'
import { root, setUp } from './setup.mjs'

const MISSING_LIBRARY = 127 // what the dynamic loader exits with

await main(process.argv.slice(2))

async function main(args) {
  try {
    setUp()
  } catch (error) {
    console.error(error.message)
    process.exit(1)
  }
  const isHeadless = args.includes('--headless')
  const forStudio = args.filter((each) => each !== '--headless')
  const whyNot = isHeadless ? 'asked for with --headless' : await whyNoWindow()
  if (whyNot) return serve(whyNot, forStudio)
  const code = await openWindow(forStudio)
  if (code === MISSING_LIBRARY)
    return serve('Electron lacks a system library; its message stands above', forStudio)
  process.exit(code)
}

/** A reason in words, or undefined when a window can be opened. */
async function whyNoWindow() {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
    return 'there is no display'
  if (installedElectron()) return undefined
  const problem = await downloadElectron()
  return problem === undefined ? undefined : `Electron could not be downloaded: ${problem}`
}

function openWindow(args) {
  const isRoot = process.platform === 'linux' && process.getuid() === 0
  if (isRoot)
    console.log(
      'Running as root, where Chromium’s sandbox does not work: the window is opened with --no-sandbox.',
    )
  return run(installedElectron(), [...(isRoot ? ['--no-sandbox'] : []), root, ...args])
}

async function serve(whyNot, args) {
  console.log(`No window: ${whyNot}. Open this address in a browser instead (Ctrl C ends the studio):`)
  process.exit(await run(process.execPath, [path.join(root, 'out/main/headless.js'), ...args]))
}

/** Runs to its end, whichever side ends first. @returns its exit code */
function run(command, args) {
  // The channel tells the studio when this process is gone, however it ended.
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc']
  const child = spawn(command, args, { cwd: root, stdio, env: withoutElectronAsNode() })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  endWithNpm(child)
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`${command} could not be started: ${error.message}`)
      resolve(1)
    })
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)))
  })
}

/** npm hands its own end on, unless it was ended at once: then its program gets another parent. */
function endWithNpm(child) {
  if (process.env.npm_lifecycle_event !== 'start') return
  const npm = process.ppid
  setInterval(() => process.ppid !== npm && child.kill('SIGTERM'), 1000).unref()
}

function withoutElectronAsNode() {
  const { ELECTRON_RUN_AS_NODE: _, ...environment } = process.env
  return environment
}
