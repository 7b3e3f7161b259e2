/**
 * `npm run package [-- --dir] [--check]`: what people install, for the system this runs on (each is built on its own:
 * npm brings the binaries of one). Into release/, with checksums.
 *
 *   --dir      only the folder, without an installer
 *   --check    Linux: installs the Debian package with apt, runs the main job in it as an ordinary user, removes it
 *   --linux, --mac, --windows     says which system is meant, and is refused on another
 */
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { configuration } from '../electron-builder.config.mjs'
import { findCommand } from './debian.mjs'
import { downloadElectron, installedElectron } from './electron-binary.mjs'
import { debianPackage } from './package/debian-package.mjs'
import { checkInstalled } from './package/installed.mjs'
import { writeLicences } from './package/licences.mjs'
import { misplaced, nativeFiles } from './package/native-files.mjs'
import { root, setUp } from './setup.mjs'

const release = path.join(root, 'release')
const flags = { linux: 'linux', mac: 'darwin', windows: 'win32' }
const folders = { linux: 'linux-unpacked', win32: 'win-unpacked', darwin: `mac-${process.arch}` }
/** Aim for what is installed on Linux. */
const MOST_BYTES = 450e6

await main().catch((error) => {
  console.error(error.message)
  process.exit(1)
})

async function main() {
  const asked = options()
  const electron = await electronHere()
  setUp(console.log, electron.isForTests ? electron.nodeApi : Number(process.versions.napi))
  writeLicences(path.join(root, '.cache/package/licences'))
  fs.rmSync(release, { recursive: true, force: true })
  const { build } = await import('electron-builder')
  // electron-builder writes into what it is given: each call gets its own.
  const make = (rest) =>
    build({ projectDir: root, config: configurationFor(electron), publish: 'never', ...rest })
  await make({ dir: true })
  const folder = path.join(release, folders[process.platform])
  measure(folder)
  if (!asked.dir) await installers(make, folder)
  if (electron.isForTests)
    console.log(`Electron ${electron.version}, in which the tests run, is in it: not for people.`)
  if (asked.check) await checkInstalled(release)
}

function options() {
  const boolean = { type: 'boolean', default: false }
  const names = ['dir', 'check', ...Object.keys(flags)]
  const { values } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, boolean])) })
  const other = Object.keys(flags).find((name) => values[name] && flags[name] !== process.platform)
  if (other)
    throw new Error(
      `--${other} is built on its own system: npm brings only the binaries of this one (${process.platform}).`,
    )
  return values
}

/** The Electron of package.json; where it cannot be had, the older one that the tests run in. */
async function electronHere() {
  const { version } = JSON.parse(
    fs.readFileSync(path.join(root, 'node_modules/electron/package.json'), 'utf8'),
  )
  const problem = installedElectron() ? undefined : await downloadElectron()
  if (problem === undefined) return { version, folder: path.dirname(installedElectron()), isForTests: false }
  console.log(`Electron ${version} could not be downloaded (${problem}).`)
  const { electronRuntime, RUNTIME_NODE_API, VERSION } = await import('./electron-runtime.mjs')
  return {
    version: VERSION,
    folder: path.dirname(await electronRuntime()),
    isForTests: true,
    nodeApi: RUNTIME_NODE_API,
  }
}

function configurationFor({ version, folder, isForTests }) {
  return configuration({
    electronVersion: version,
    // On macOS the executable lies inside an application, which electron-builder unpacks by itself.
    ...(process.platform !== 'darwin' && { electronDist: folder }),
    ...(isForTests && { sqliteBinary: 'node_modules/better-sqlite3/build/Release/better_sqlite3.node' }),
  })
}

/** Says how large it is, and refuses a folder with a binary of another system in it. */
function measure(folder) {
  const bytes = fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + fs.statSync(path.join(entry.parentPath, entry.name)).size, 0)
  console.log(`${path.relative(root, folder)}: ${inMB(bytes)} installed (aim: at most ${inMB(MOST_BYTES)})`)
  const wrong = misplaced(folder, process.platform, process.arch)
  if (wrong.length > 0) throw new Error(`Binaries that do not run here:\n${wrong.join('\n')}`)
  console.log(`${nativeFiles(folder).length} native files, all for ${process.platform} on ${process.arch}`)
}

async function installers(make, folder) {
  if (process.platform === 'linux') makeDebian(folder)
  // Its tools are downloaded: where that is refused the folder and the Debian package remain.
  try {
    await make({ prepackaged: folder })
  } catch (error) {
    if (process.platform !== 'linux') throw error
    console.log(`No AppImage: electron-builder could not make it (${error.message.split('\n')[0]}).`)
  }
  checksums()
}

function makeDebian(folder) {
  if (!findCommand('dpkg-deb')) return console.log('No Debian package: there is no dpkg-deb here.')
  const { name, version, description, productName } = JSON.parse(
    fs.readFileSync(path.join(root, 'package.json'), 'utf8'),
  )
  const about = { name, version, description, title: productName, machine: process.arch }
  const file = debianPackage(folder, release, about)
  console.log(`${path.relative(root, file)}: ${inMB(fs.statSync(file).size)}`)
}

/** One line a file that people download, as `sha256sum --check` reads it. */
function checksums() {
  const files = fs
    .readdirSync(release, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(deb|AppImage|exe|dmg|zip)$/.test(entry.name))
    .map(({ name }) => name)
    .sort()
  const lines = files.map((name) => {
    const hash = createHash('sha256').update(fs.readFileSync(path.join(release, name)))
    return `${hash.digest('hex')}  ${name}\n`
  })
  fs.writeFileSync(path.join(release, 'SHA256SUMS'), lines.join(''))
  console.log(lines.join('').trimEnd())
}

function inMB(bytes) {
  return `${Math.round(bytes / 1e6)} MB`
}
