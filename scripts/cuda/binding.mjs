/**
 * The package @tensorflow/tfjs-node-gpu with a binding compiled against TensorFlow's wheel, as its own
 * `binding.gyp` says: nothing of it is changed.
 *
 * It has a folder of its own, out of reach of `npm ci`. Only TensorFlow.js itself is left out there, so that
 * the package finds the studio's copy further up: two copies in one process would each know half of the
 * tensors.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { nodeGyp, nodeHeaders } from '../node-gyp.mjs'

export const PACKAGE = '@tensorflow/tfjs-node-gpu'
/** The newest Node-API the package knows; every newer Node speaks it too. */
const NODE_API = 8
export const BINDING = `lib/napi-v${NODE_API}/tfjs_binding.node`

/**
 * @param folder   made anew; the package lies in its node_modules
 * @param version  of the package
 * @param wheels   folder beside `folder` with `tensorflow/` in it
 * @throws Error in words
 */
export function buildBinding(folder, version, wheels, say) {
  say(`Fetching ${PACKAGE} ${version} from npm …`)
  installPackage(folder, version)
  const packageFolder = path.join(folder, 'node_modules', PACKAGE)
  linkTensorflow(packageFolder, path.join(wheels, 'tensorflow'))
  say('Compiling its binding (about ten seconds) …')
  compile(packageFolder)
  return packageFolder
}

function installPackage(folder, version) {
  fs.rmSync(folder, { recursive: true, force: true })
  fs.mkdirSync(folder, { recursive: true })
  fs.writeFileSync(
    path.join(folder, 'package.json'),
    JSON.stringify({ private: true, dependencies: { [PACKAGE]: version } }),
  )
  run(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'],
    folder,
    `npm could not fetch ${PACKAGE} ${version}.`,
  )
  const scope = path.join(folder, 'node_modules/@tensorflow')
  for (const name of fs.readdirSync(scope))
    if (`@tensorflow/${name}` !== PACKAGE) fs.rmSync(path.join(scope, name), { recursive: true })
}

/**
 * Puts the wheel where `binding.gyp` looks for headers and libraries, under the names it links. Links are
 * relative: the clone may move.
 */
function linkTensorflow(packageFolder, tensorflow) {
  link(
    path.join(tensorflow, 'libtensorflow.so'),
    path.join(tensorflow, library(tensorflow, 'libtensorflow_cc.so.')),
  )
  link(
    path.join(tensorflow, 'libtensorflow_framework.so'),
    path.join(tensorflow, library(tensorflow, 'libtensorflow_framework.so.')),
  )
  link(path.join(packageFolder, 'deps/lib'), tensorflow)
  link(path.join(packageFolder, 'deps/include'), path.join(tensorflow, 'include'))
}

function library(folder, start) {
  const name = fs.readdirSync(folder).find((each) => each.startsWith(start))
  if (!name) throw new Error(`the wheel of TensorFlow holds no ${start}*`)
  return name
}

function link(from, to) {
  fs.rmSync(from, { force: true })
  fs.mkdirSync(path.dirname(from), { recursive: true })
  fs.symlinkSync(path.relative(path.dirname(from), to), from)
}

function compile(packageFolder) {
  const variables = [
    '--module_name=tfjs_binding',
    `--module_path=${path.join(packageFolder, path.dirname(BINDING))}`,
    `--napi_build_version=${NODE_API}`,
  ]
  run(
    process.execPath,
    [nodeGyp(), 'rebuild', '--release', ...variables, ...nodeHeaders()],
    packageFolder,
    'The binding could not be compiled.',
  )
  fs.rmSync(path.join(packageFolder, 'build'), { recursive: true })
}

function run(command, args, cwd, failure) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (status !== 0)
    throw new Error(
      `${failure}\n${error?.message ?? `${stdout}${stderr}`.trim().split('\n').slice(-15).join('\n')}`,
    )
}

/**
 * Runs one product in a process of its own.
 * @returns {{ version: string, isOnGpu: boolean, said: string }} `said` is what TensorFlow tells about the
 *   GPUs it looked for
 * @throws Error in words
 */
export function tryBinding(packageFolder) {
  const env = {
    ...process.env,
    TF_CPP_MIN_LOG_LEVEL: '0',
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
  }
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(import.meta.dirname, 'probe.mjs'), packageFolder],
    { encoding: 'utf8', env },
  )
  if (status !== 0)
    throw new Error(
      'TensorFlow does not ' +
        `load${signal ? ` (${signal})` : ''}:\n${stderr.trim().split('\n').slice(-15).join('\n')}`,
    )
  return { ...JSON.parse(stdout.trim().split('\n').at(-1)), said: aboutGpus(stderr) }
}

/** The lines of TensorFlow's log that say why a GPU is not used. */
export function aboutGpus(log) {
  return log
    .split('\n')
    .filter((line) => /cuda|gpu|cudnn|nvidia/i.test(line))
    .map((line) =>
      line.replace(/^[A-Z]\d{4} \d\d:\d\d:\d{8,10}\.\d+ +\d+ |^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: /, ''),
    )
    .join('\n')
}
