/** TensorFlow's wheels: which are wanted, what pip finds for them, and the part of them that is unpacked. */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { unzip } from '../unzip.mjs'

/** The version that was tried. The binding needs its C interface, which is stable, and its C headers. */
export const TENSORFLOW_VERSION = '2.21.0'
/** The oldest driver that runs CUDA 12 (NVIDIA, "CUDA Compatibility", minor version compatibility). */
const OLDEST_DRIVER = [525, 60]
/** Nothing of Python is used: any one of the versions a wheel is published for will do. */
const ANY_PYTHON = [
  '--only-binary=:all:',
  '--implementation',
  'cp',
  '--python-version',
  '3.11',
  '--abi',
  'cp311',
]
const GLIBC_MINORS = [28, 27, 26, 25, 24, 17]

/**
 * @typedef {object} Choice
 * @property {string} distribution   name on PyPI
 * @property {string} requirement    for pip
 * @property {boolean} forGpu
 * @property {string} because        why this one, for people
 * @property {number} downloadGb     about, in 10⁹ bytes
 * @property {number} diskGb         about, unpacked
 */

/**
 * @param {import('./machine.mjs').Machine} machine
 * @param {'cpu' | 'gpu' | undefined} asked what the person wants, whatever is found
 * @returns {Choice}
 */
export function chooseTensorflow({ arch, gpus, whyNoGpu }, asked) {
  if (arch === 'arm64') return cpu('tensorflow', 'On Linux on ARM, TensorFlow is published for the CPU only.')
  if (asked === 'gpu') return gpu('The GPU was asked for.')
  if (asked === 'cpu') return cpu('tensorflow-cpu', 'The CPU was asked for.')
  const [first] = gpus
  if (!first) return cpu('tensorflow-cpu', `No NVIDIA GPU: ${whyNoGpu}.`)
  if (!isRecent(first.driver))
    return cpu(
      'tensorflow-cpu',
      `${first.name}’s driver ${first.driver} is too old for CUDA 12, which needs ` +
        `${OLDEST_DRIVER.join('.')} or newer.`,
    )
  return gpu(`${first.name}, driver ${first.driver}.`)
}

const cpu = (distribution, because) => ({
  distribution,
  requirement: `${distribution}==${TENSORFLOW_VERSION}`,
  forGpu: false,
  because,
  downloadGb: 0.3,
  diskGb: 0.9,
})
const gpu = (because) => ({
  distribution: 'tensorflow',
  requirement: `tensorflow[and-cuda]==${TENSORFLOW_VERSION}`,
  forGpu: true,
  because,
  downloadGb: 3.4,
  diskGb: 5.5,
})

function isRecent(driver) {
  const [major, minor = 0] = driver.split('.').map(Number)
  return major > OLDEST_DRIVER[0] || (major === OLDEST_DRIVER[0] && minor >= OLDEST_DRIVER[1])
}

/**
 * Asks the index, as pip is configured here, what a choice comes to. Downloads no wheel and writes nothing.
 * @returns {{ name: string, version: string }[]} TensorFlow, and with CUDA NVIDIA's libraries; its other
 *   dependencies are for Python
 * @throws Error in words
 */
export function findWheels(python, { requirement, forGpu }, arch) {
  // pip wants a target for another Python than its own, and makes none in a dry run
  const nowhere = path.join(import.meta.dirname, 'nowhere')
  const { stdout, stderr, status } = pip(
    python,
    [
      'install',
      '--dry-run',
      '--ignore-installed',
      '--quiet',
      '--report',
      '-',
      '--target',
      nowhere,
      '--retries',
      '2',
      '--timeout',
      '20',
      ...(forGpu ? [] : ['--no-deps']),
      ...tags(arch),
      requirement,
    ],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  )
  if (status !== 0) throw new Error(pipProblem(stderr, requirement))
  return wheelsIn(JSON.parse(stdout))
}

/** @param report as `pip install --report` writes it */
export function wheelsIn(report) {
  return report.install
    .map(({ metadata }) => ({ name: metadata.name, version: metadata.version }))
    .filter(({ name }) => /^(tensorflow|tensorflow[-_]cpu|nvidia[-_].+)$/.test(name))
}

/** What pip's complaint means, for people. */
export function pipProblem(stderr, requirement) {
  const lines = stderr.trim().split('\n')
  const errors = lines.filter((line) => line.startsWith('ERROR:')).map((line) => line.replace('ERROR: ', ''))
  if (/No module named pip/.test(stderr))
    return 'Python has no pip. On Debian or Ubuntu: apt-get install -y python3-pip'
  if (/no such option: --report/.test(stderr))
    return 'pip is too old to say what it would install: python3 -m pip install --upgrade pip'
  if (
    /connection broken|Failed to establish|Could not fetch URL|Temporary failure in name resolution|ProxyError|Read timed out/i.test(
      stderr,
    )
  ) {
    return (
      'PyPI cannot be reached, so TensorFlow was not set up, and nothing has changed. A mirror is named by ' +
      `PIP_INDEX_URL or pip’s own configuration.\npip says: ${lines[0]}`
    )
  }
  return (
    `pip finds no ${requirement} for this machine. Nothing has changed.\npip says: ` +
    `${errors.at(0) ?? lines.at(-1)}`
  )
}

/**
 * One after the other: downloads a wheel, unpacks what is needed of it, deletes it.
 * @param into gets `tensorflow/` and `nvidia/` side by side, as the libraries look for each other. Complete
 *   once it exists
 */
export async function fetchWheels(python, wheels, arch, into) {
  const partial = `${into}.partial`
  const download = path.join(partial, 'download')
  fs.rmSync(partial, { recursive: true, force: true })
  fs.mkdirSync(download, { recursive: true })
  for (const { name, version } of wheels) {
    const { status } = pip(
      python,
      ['download', '--no-deps', '--dest', download, ...tags(arch), `${name}==${version}`],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    )
    if (status !== 0)
      throw new Error(`${name} ${version} could not be downloaded; pip’s reason stands above.`)
    for (const file of fs.readdirSync(download)) {
      await unzip(path.join(download, file), partial, placeOf)
      fs.rmSync(path.join(download, file))
    }
  }
  fs.rmdirSync(download)
  fs.renameSync(partial, into)
}

/**
 * Where a file of a wheel goes, or undefined where it stays: Python's part, and headers of anything but the C
 * interface.
 */
export function placeOf(name) {
  const isWanted =
    /^tensorflow\/libtensorflow_(cc|framework)\.so\.\d+$/.test(name) ||
    /^tensorflow\/include\/(tensorflow\/c|tensorflow\/core\/platform|tsl\/platform|xla\/tsl\/c)\/.+\.h$/.test(
      name,
    ) ||
    /^nvidia\/(?!.*\/include\/).+[^/]$/.test(name) ||
    /\.dist-info\/(licenses\/)?(METADATA|LICENSE|License|THIRD_PARTY)[^/]*$/.test(name)
  return isWanted && !name.endsWith('.py') ? name : undefined
}

const tags = (arch) => {
  const machine = arch === 'arm64' ? 'aarch64' : 'x86_64'
  return [
    ...ANY_PYTHON,
    ...[
      ...GLIBC_MINORS.map((minor) => `manylinux_2_${minor}_${machine}`),
      `manylinux2014_${machine}`,
    ].flatMap((tag) => ['--platform', tag]),
  ]
}

const pip = (python, args, options) =>
  spawnSync(python, ['-m', 'pip', '--disable-pip-version-check', ...args], options)
