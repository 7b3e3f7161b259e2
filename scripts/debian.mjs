/**
 * Everything of the system that anything here needs beyond Node and npm, in one list: how it is found, and
 * the Debian package that brings it. What is missing is installed when we may, and named with the exact
 * command when we may not.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

/** Where a command is, or undefined. */
export function findCommand(command) {
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  return folders.map((folder) => path.join(folder, command)).find((file) => fs.existsSync(file))
}

const program = (name, debian = name) => ({ name, debian, isThere: () => findCommand(name) !== undefined })
const library = (name, debian) => ({ name, debian, isThere: () => knownLibraries().includes(name) })
const font = (name, files, debian) => ({
  name,
  debian,
  isThere: () => fontFiles().some((file) => files.test(file)),
})

const compiler = [program('g++'), program('make'), program('python3')]
const browser = [
  program('chromium'),
  font('a font with Chinese, Japanese and Korean', /cjk|wqy|droidsansfallback/i, 'fonts-wqy-microhei'),
  font('a font with emoji', /emoji/i, 'fonts-noto-color-emoji'),
]

/** What each kind of work needs. */
const needs = {
  'compiling SQLite’s driver': compiler,
  'compiling TensorFlow’s binding': [...compiler, program('pip3', 'python3-pip')],
  // Chromium brings a GPU in software, which the loader finds by way of VK_ICD_FILENAMES.
  'tests of GPUs': [program('chromium'), library('libvulkan.so.1', 'libvulkan1')],
  'stories in a window and a browser': [program('xvfb-run', 'xvfb'), program('xauth'), ...browser],
  screenshots: browser,
  'installing PyTorch': [
    { name: 'python3', debian: 'python3-venv', isThere: () => findCommand('python3') !== undefined },
  ],
  'standing in for CUDA': [
    program('gcc'),
    program('g++'),
    program('nm', 'binutils'),
    program('readelf', 'binutils'),
  ],
}

/**
 * Sees to it that the system has what these kinds of work need, in one installation for all of them.
 * @returns whether all is there now; if not, it has said what is missing and what to type
 */
export function ensureSystem(works, say = console.log) {
  if (process.platform !== 'linux') return true
  const wanted = works.flatMap((work) => needs[work])
  const missing = () => wanted.filter((each) => !each.isThere())
  if (missing().length === 0) return true
  const packages = packagesOf(missing())
  if (mayInstall()) {
    say(`Installing Debian packages for ${works.join(', ')}: ${packages.join(' ')} …`)
    apt(['update', '-qq'])
    apt(installing(packages))
  }
  const left = missing()
  if (left.length === 0) return true
  const names = [...new Set(left.map((each) => each.name))].join(', ')
  const sudo = process.getuid() === 0 ? '' : 'sudo '
  const command = `${sudo}apt-get ${installing(packagesOf(left)).join(' ')}`
  say(`Missing for ${works.join(', ')}: ${names}. On Debian or Ubuntu: ${command}`)
  return false
}

const packagesOf = (missing) => [...new Set(missing.map((each) => each.debian))]
const installing = (packages) => ['install', '-y', '--no-install-recommends', ...packages]
const mayInstall = () => process.getuid() === 0 && findCommand('apt-get') !== undefined

/** Names of the libraries that the dynamic loader finds by name. */
function knownLibraries() {
  const ldconfig = findCommand('ldconfig') ?? '/sbin/ldconfig'
  const { stdout } = spawnSync(ldconfig, ['-p'], { encoding: 'utf8' })
  return [...(stdout ?? '').matchAll(/^\s+(\S+) \(/gm)].map((match) => match[1])
}

function fontFiles() {
  return ['/usr/share/fonts', '/usr/local/share/fonts']
    .filter((folder) => fs.existsSync(folder))
    .flatMap((folder) => fs.readdirSync(folder, { recursive: true }))
}

function apt(args) {
  const { status, stdout, stderr } = spawnSync('apt-get', args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (status === 0) return
  const lastLines = `${stdout}${stderr}`.split('\n').slice(-15).join('\n')
  console.error(`apt-get ${args.join(' ')} failed:\n${lastLines}`)
}
