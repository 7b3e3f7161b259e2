/**
 * Installs the Debian package with apt, has tests/package use it as an ordinary user does, removes it, and looks
 * whether anything of it is left.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { ensureSystem, findCommand } from '../debian.mjs'
import { bin, root } from '../setup.mjs'

const PACKAGE = 'rlhf-studio'

/** @throws Error saying what did not work */
export async function checkInstalled(release) {
  const file = fs.readdirSync(release).find((name) => name.endsWith('.deb'))
  if (!file) throw new Error('--check needs a Debian package: build without --dir, where there is dpkg-deb.')
  if (process.getuid() !== 0 || !findCommand('apt-get'))
    throw new Error(`--check installs with apt, which needs root: sudo npm run package -- --check`)
  ensureSystem(['stories in a window and a browser'])
  apt('install', '-y', '--no-install-recommends', path.join(release, file))
  const brought = filesOf()
  let problem
  try {
    story()
  } catch (error) {
    problem = error
  } finally {
    apt('purge', '-y', PACKAGE)
  }
  if (problem) throw problem
  const left = brought.filter((each) => fs.existsSync(each))
  if (left.length > 0) throw new Error(`Removed, but this is left: ${left.join(', ')}`)
  console.log(`${file} was installed, used and removed; of its ${brought.length} files none is left.`)
}

/** What the package brought, without folders that are others', too. */
const filesOf = () =>
  spawnSync('dpkg', ['-L', PACKAGE], { encoding: 'utf8' })
    .stdout.trim()
    .split('\n')
    .filter((file) => file.startsWith('/opt/rlhf-studio') || !fs.lstatSync(file).isDirectory())

function story() {
  const { status } = spawnSync(
    process.execPath,
    [bin('vitest', 'vitest'), 'run', '--config', 'tests/package/vitest.config.ts'],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
  )
  if (status !== 0) throw new Error('The story of the installed package failed; its reason stands above.')
}

function apt(...args) {
  const { status, stdout, stderr } = spawnSync('apt-get', ['-qq', ...args], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (status !== 0) throw new Error(`apt-get ${args.join(' ')} failed:\n${stdout}${stderr}`)
}
