/**
 * System programs that come as Debian packages: installed when we may, named with the exact command when we
 * may not.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

/** Where a command is, or undefined. */
export function findCommand(command) {
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  return folders.map((folder) => path.join(folder, command)).find((file) => fs.existsSync(file))
}

/**
 * Sees to it that commands exist.
 * @param packageOf  command → Debian package that brings it
 * @param purpose    what they are for: "end-to-end stories"
 * @returns whether all are there now; if not, it has said which are missing and what to type
 */
export function ensureDebianPackages(packageOf, purpose, say = console.log) {
  const missing = () => Object.keys(packageOf).filter((command) => !findCommand(command))
  if (missing().length === 0) return true
  const packages = [...new Set(missing().map((command) => packageOf[command]))].join(' ')
  const install = `apt-get install -y --no-install-recommends ${packages}`
  if (mayInstall()) {
    say(`Installing Debian packages for ${purpose}: ${packages} …`)
    apt(['update', '-qq'])
    apt(install.split(' ').slice(1))
  }
  if (missing().length === 0) return true
  say(
    `Missing for ${purpose}: ${missing().join(', ')}. On Debian or Ubuntu: ` +
      `${process.getuid?.() === 0 ? '' : 'sudo '}${install}`,
  )
  return false
}

const mayInstall = () => process.getuid?.() === 0 && findCommand('apt-get') !== undefined

function apt(args) {
  const { status, stdout, stderr } = spawnSync('apt-get', args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (status !== 0)
    console.error(
      `apt-get ${args.join(' ')} failed:\n${`${stdout}${stderr}`.split('\n').slice(-15).join('\n')}`,
    )
}
