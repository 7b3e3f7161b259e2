/**
 * `npm run audit`: the licences of all that is installed with the studio, and, where the registry answers, the
 * dependencies with known faults.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { root } from './setup.mjs'

const { packages } = JSON.parse(fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8'))
const shipped = Object.entries(packages).filter(([place, { dev }]) => place !== '' && !dev)
const byLicence = new Map()
for (const each of shipped) byLicence.set(licenceOf(each), [...(byLicence.get(licenceOf(each)) ?? []), each])

for (const [licence, of] of [...byLicence].sort(([, a], [, b]) => b.length - a.length)) {
  const names = of.map(([place, { version }]) => `${place.split('node_modules/').at(-1)} ${version}`)
  console.log(`${licence}: ${of.length}${of.length <= 5 ? ` (${names.join(', ')})` : ''}`)
}
console.log('')
const { status, stdout } = spawnSync('npm', ['audit', '--omit=dev'], {
  cwd: root,
  encoding: 'utf8',
  shell: process.platform === 'win32',
})
const hasAnswered = /found \d+ vulnerabilit|\d+ .*vulnerabilit/.test(stdout)
console.log(
  hasAnswered
    ? stdout.trim()
    : 'The package registry says nothing of known faults here: they were not looked up.',
)
process.exit(hasAnswered ? status : 0)

/** As the lock file says, else as the package itself does. */
function licenceOf([place, { license }]) {
  if (license) return license
  const file = path.join(root, place, 'package.json')
  if (!fs.existsSync(file)) return 'not installed here'
  const own = JSON.parse(fs.readFileSync(file, 'utf8')).license
  return typeof own === 'string' ? own : (own?.type ?? 'not said')
}
