/**
 * Makes better-sqlite3 load on Node-API 9 (Node 20, Electron 33).
 *
 * Its npm package carries binaries for Node-API 10: Node ≥ 22.14 and Electron ≥ 36 use them as they are,
 * older ones crash in them. The same sources compiled with NAPI_EXPERIMENTAL run on both, and because
 * Node-API has no module ABI one file serves Node and Electron alike. It is compiled once (about 70 s) and
 * kept in .cache/, where `npm ci` does not reach; better-sqlite3 prefers build/Release over its prebuilds, so
 * nothing else changes.
 */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeGyp, nodeHeaders } from './node-gyp.mjs'

const NODE_API_OF_PREBUILDS = 10
const root = path.join(import.meta.dirname, '..')
const packageFolder = path.join(root, 'node_modules/better-sqlite3')
const installed = path.join(packageFolder, 'build/Release/better_sqlite3.node')

/**
 * @param nodeApi Node-API version of the oldest runtime that will load it.
 * @returns one line for people: what is used.
 */
export function ensureSqliteLoads(nodeApi = Number(process.versions.napi)) {
  if (nodeApi >= NODE_API_OF_PREBUILDS) return `better-sqlite3: its own binary (Node-API ${nodeApi})`
  const cached = cachePath()
  if (!fs.existsSync(cached)) compileInto(cached)
  if (!isSameFile(cached, installed)) copyWhole(cached, installed)
  return `better-sqlite3: compiled for Node-API ${nodeApi} (${path.relative(root, cached)})`
}

/** Whether a compiler is needed first. */
export function mustCompileSqlite(nodeApi) {
  return nodeApi < NODE_API_OF_PREBUILDS && !fs.existsSync(cachePath())
}

function cachePath() {
  const { version } = JSON.parse(fs.readFileSync(path.join(packageFolder, 'package.json'), 'utf8'))
  return path.join(
    root,
    '.cache',
    `better_sqlite3-${version}-${process.platform}-${process.arch}-${libc()}.node`,
  )
}

/** A binary linked to glibc does not load on musl, nor the other way round. */
function libc() {
  if (process.platform !== 'linux') return 'system'
  return process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl'
}

function compileInto(cached) {
  console.log('better-sqlite3: compiling once for this Node (about a minute) …')
  const flags = ['rebuild', '--release', '--force_build=1', ...nodeHeaders()]
  try {
    execFileSync(process.execPath, [nodeGyp(), ...flags], {
      cwd: packageFolder,
      stdio: ['ignore', 'ignore', 'pipe'],
      maxBuffer: 1 << 28,
      env: {
        ...process.env,
        CXXFLAGS: '-UNAPI_VERSION -DNAPI_EXPERIMENTAL -DNODE_API_EXPERIMENTAL_NOGC_ENV_OPT_OUT',
      },
    })
  } catch (error) {
    const said = String(error.stderr ?? error.message)
      .split('\n')
      .slice(-25)
      .join('\n')
    throw new Error(
      `better-sqlite3 could not be compiled. It needs a C++ compiler, make and Python 3\n(Debian: ` +
        `apt-get install -y g++ make python3), or Node 22.14 or newer, where nothing is compiled.\n${said}`,
    )
  }
  copyWhole(installed, cached)
  fs.rmSync(path.join(packageFolder, 'build'), { recursive: true })
}

function isSameFile(a, b) {
  return fs.existsSync(b) && fs.readFileSync(a).equals(fs.readFileSync(b))
}

/** Written beside and renamed: a process that loads the old file meanwhile keeps it. */
function copyWhole(from, to) {
  fs.mkdirSync(path.dirname(to), { recursive: true })
  const partial = `${to}.${process.pid}`
  fs.copyFileSync(from, partial)
  fs.renameSync(partial, to)
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  console.log(ensureSqliteLoads())
