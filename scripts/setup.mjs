/**
 * Makes a fresh clone runnable: packages, SQLite's binary, the built program. Each step is skipped when
 * nothing it depends on changed. Only Node's own modules are imported here, for there may be no node_modules
 * yet.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureSystem } from './debian.mjs'
import { ensureSqliteLoads, mustCompileSqlite } from './sqlite-native.mjs'

export const root = path.join(import.meta.dirname, '..')
const oldestNode = [20, 19]
const sources = [
  'src-main',
  'src-renderer',
  'src-shared',
  'resources/docs',
  'scripts/help-pages.mjs',
  'scripts/package/licences.mjs',
  'electron.vite.config.ts',
  'package.json',
  'package-lock.json',
]
const stamp = path.join(root, '.cache/built')

/**
 * Everything, in order.
 * @param nodeApi Node-API version of the oldest runtime that will load SQLite.
 * @throws Error in words
 */
export function setUp(say = console.log, nodeApi = Number(process.versions.napi)) {
  refuseOldNode()
  installPackages(say)
  loadSqlite(say, nodeApi)
  build(say)
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    throw new Error(
      `This is Node ${process.versions.node}; RLHF Studio needs Node ${oldestNode.join('.')} or newer.`,
    )
  }
}

/** `npm ci` when node_modules is not what package-lock.json says. */
export function installPackages(say = console.log) {
  if (isInstalled()) return
  say('Installing packages (npm ci) …')
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'npm ci failed; its reason stands above.')
}

/**
 * Compares the lock file with the one npm leaves in node_modules once an install is complete. Optional
 * packages may be absent.
 */
export function isInstalled() {
  const wanted = packagesOf('package-lock.json')
  const present = packagesOf('node_modules/.package-lock.json')
  if (!wanted || !present) return false
  const isThere = ([place, { version, optional }]) =>
    place === '' || present[place]?.version === version || (optional && !present[place])
  return Object.entries(wanted).every(isThere) && Object.keys(present).every((place) => wanted[place])
}

function packagesOf(lockFile) {
  const file = path.join(root, lockFile)
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')).packages : undefined
}

function loadSqlite(say, nodeApi) {
  if (mustCompileSqlite(nodeApi)) ensureSystem(['compiling SQLite’s driver'], say)
  const line = ensureSqliteLoads(nodeApi)
  if (process.env.STUDIO_VERBOSE) say(line)
}

/** electron-vite's build into out/, when a source file changed. */
export function build(say = console.log) {
  const wanted = sourceHash()
  if (
    fs.existsSync(stamp) &&
    fs.readFileSync(stamp, 'utf8') === wanted &&
    fs.existsSync(path.join(root, 'out/main/app.js'))
  )
    return
  say('Building …')
  fs.rmSync(stamp, { force: true })
  run(
    process.execPath,
    [bin('electron-vite', 'electron-vite'), 'build', '--logLevel', 'warn'],
    'The build failed; its reason stands above.',
  )
  fs.mkdirSync(path.dirname(stamp), { recursive: true })
  fs.writeFileSync(stamp, wanted)
}

/** A hash over the name and content of every source file. */
function sourceHash() {
  const hash = createHash('sha256')
  for (const file of sources.flatMap((each) => filesUnder(path.join(root, each))))
    hash.update(path.relative(root, file)).update('\0').update(fs.readFileSync(file))
  return hash.digest('hex')
}

function filesUnder(place) {
  if (!fs.statSync(place).isDirectory()) return [place]
  return fs
    .readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
}

/** The script behind a package's command, to be run by this very Node. */
export function bin(packageName, command) {
  const folder = path.join(root, 'node_modules', packageName)
  const declared = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).bin
  return path.join(folder, typeof declared === 'string' ? declared : declared[command])
}

function run(command, args, failure) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32' && command === 'npm',
  })
  if (error) throw new Error(`${command} could not be started: ${error.message}`)
  if (status !== 0) throw new Error(failure)
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) setUp()
