/**
 * `npm run dev [-- --registry PATH]`: the studio in a window that follows the sources. The page comes from a
 * development server, which replaces what changed in it; main is built again and started again. Its registry
 * is .cache/dev/registry.sqlite unless another is named.
 *
 * `npm run dev -- --page`: the page alone in a browser, on sample records (scripts/dev-page.mjs).
 */
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { downloadElectron, installedElectron } from './electron-binary.mjs'
import { root, setUp } from './setup.mjs'

const folder = path.join(root, '.cache/dev')
const patienceMs = 10_000
/** Changes that come within this time are one. */
const gatherMs = 200

const args = process.argv.slice(2)
if (args.includes('--page')) await import('./dev-page.mjs')
else await openFollowingWindow(args)

async function openFollowingWindow(forStudio) {
  setUp()
  const electron = process.env.ELECTRON_EXEC_PATH ?? (await anElectron())
  const { resolveConfig } = await import('electron-vite')
  process.env.NODE_ENV_ELECTRON_VITE = 'development'
  const inline = { root, logLevel: 'warn', build: { outDir: folder, watch: {} } }
  const { config } = await resolveConfig(inline, 'serve', 'development')
  const server = await servePage(config.renderer)
  const studio = windowOf(electron, server.resolvedUrls.local[0].replace(/\/$/, ''), forStudio)
  await buildAndFollow(config.main, studio)
  await buildAndFollow(config.preload, studio)
  studio.start()
}

async function anElectron() {
  const problem = installedElectron() ? undefined : await downloadElectron()
  if (problem === undefined) return installedElectron()
  console.error(`Electron could not be downloaded: ${problem}. The page alone: npm run dev -- --page`)
  process.exit(1)
}

async function servePage(config) {
  const { createServer } = await import('vite')
  const server = await createServer(config)
  await server.listen()
  console.log(`The page comes from ${server.resolvedUrls.local[0]}`)
  return server
}

/** @returns when it is built; each further build starts the studio again */
async function buildAndFollow(config, studio) {
  const { build } = await import('vite')
  let isBuilt = false
  await new Promise((resolve, reject) => {
    const follow = {
      name: 'follow',
      buildStart: () => studio.waitForBuild(),
      closeBundle: () => (isBuilt ? studio.startAgain() : resolve((isBuilt = true))),
    }
    const plugins = [...(config.plugins ?? []), follow]
    build({ ...config, plugins, build: { ...config.build, emptyOutDir: false } }).catch(reject)
  })
}

/** The window's process: started, and started again once the one before has let go of its registry. */
function windowOf(electron, pageAddress, forStudio) {
  let child
  let timer
  const isRoot = process.platform === 'linux' && process.getuid() === 0
  const start = () => {
    child = spawn(electron, [...(isRoot ? ['--no-sandbox'] : []), ...entry(forStudio)], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ELECTRON_RENDERER_URL: pageAddress },
    })
    child.on('exit', exitWith)
  }
  const waitForBuild = () => clearTimeout(timer)
  const startAgain = () => {
    waitForBuild()
    timer = setTimeout(async () => {
      console.log('Main has changed: the studio is started again')
      child.off('exit', exitWith)
      await ended(child)
      start()
    }, gatherMs)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child?.kill(signal))
  return { start, startAgain, waitForBuild }
}

function exitWith(code) {
  process.exit(code ?? 0)
}

function entry(forStudio) {
  fs.mkdirSync(folder, { recursive: true })
  const registry = forStudio.includes('--registry')
    ? []
    : ['--registry', path.join(folder, 'registry.sqlite')]
  return [path.join(folder, 'main/app.js'), ...registry, ...forStudio]
}

function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const insist = setTimeout(() => child.kill('SIGKILL'), patienceMs)
    child.on('exit', () => resolve(clearTimeout(insist)))
    child.kill('SIGTERM')
  })
}
