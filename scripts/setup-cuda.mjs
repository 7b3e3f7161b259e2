/**
 * `npm run setup:cuda [-- --for cpu|gpu]`: makes @tensorflow/tfjs-node-gpu work on a current machine.
 *
 * The package downloads a TensorFlow of 2022 for CUDA 11.2, where it can be downloaded at all. Here its own
 * small binding is compiled against the TensorFlow of today that PyPI publishes: with CUDA where there is an
 * NVIDIA GPU, for the CPU elsewhere. All of it lies in `.cache/tensorflow`; to be rid of it, delete that
 * folder. A second run finds what is there and only looks whether it works.
 */
import fs from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { lookAtMachine, whyUnsupported } from './cuda/machine.mjs'
import { costOf, reportOf, whyNoRoom } from './cuda/report.mjs'
import { BINDING, buildBinding, PACKAGE, tryBinding } from './cuda/binding.mjs'
import { ensureSystem, findCommand } from './debian.mjs'
import { installPackages, root } from './setup.mjs'

const cache = path.join(root, '.cache/tensorflow')
const recordFile = path.join(cache, 'record.json')
const home = path.join(cache, 'package')
const packageIn = (folder) => path.join(folder, 'node_modules', PACKAGE)
const fromRoot = (place) => path.relative(root, place)

try {
  await setUpCuda(process.argv.slice(2))
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

async function setUpCuda(args) {
  const machine = lookAtMachine()
  const whyNot = whyUnsupported(machine)
  if (whyNot) throw new Error(whyNot)
  if (!fs.existsSync(path.join(root, 'node_modules/yauzl'))) installPackages()
  const { chooseTensorflow } = await import('./cuda/wheels.mjs')
  const choice = chooseTensorflow(machine, askedIn(args))
  const wanted = { requirement: choice.requirement, package: declaredVersion() }

  const present = working(wanted)
  if (present) return finish('TensorFlow is set up already.', { machine, ...present })
  console.log(choice.because)
  if (!ensureSystem(['compiling TensorFlow’s binding'])) throw new Error('Nothing has changed.')
  const { wheels, libraries } = await ensureWheels(choice, machine.arch)
  const trial = replacePackage(wanted.package, wheels)
  const record = writeRecord({
    ...wanted,
    version: trial.version,
    ...(trial.isOnGpu && gpuOf(machine)),
    wheel: choice.distribution,
    forGpu: choice.forGpu,
    libraries,
    node: process.versions.node,
  })
  removeOthers(wheels)
  finish('TensorFlow is set up.', { machine, record, trial })
}

/** Of several, the package takes the last. */
function gpuOf({ gpus }) {
  const gpu = gpus.at(-1)
  return {
    gpu: gpu?.name ?? 'NVIDIA GPU',
    ...(gpu?.memoryMiB > 0 && { memoryBytes: gpu.memoryMiB * 2 ** 20 }),
  }
}

function askedIn(args) {
  const { values } = parseArgs({ args, options: { for: { type: 'string' } } })
  if (values.for !== undefined && values.for !== 'cpu' && values.for !== 'gpu')
    throw new Error('--for is "cpu" or "gpu"')
  return values.for
}

function declaredVersion() {
  return JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).optionalDependencies[PACKAGE]
}

/** What an earlier run left behind, if it is what is wanted now and works. */
function working(wanted) {
  if (!fs.existsSync(recordFile) || !fs.existsSync(path.join(packageIn(home), BINDING))) return undefined
  const record = JSON.parse(fs.readFileSync(recordFile, 'utf8'))
  if (record.requirement !== wanted.requirement || record.package !== wanted.package) return undefined
  try {
    const trial = tryBinding(packageIn(home))
    return trial.isOnGpu === (record.gpu !== undefined) ? { record, trial } : undefined
  } catch (error) {
    console.log(`What was set up earlier no longer works and is made anew. ${error.message}`)
    return undefined
  }
}

/** TensorFlow and NVIDIA's libraries, unpacked; fetched unless an earlier run has done so. */
async function ensureWheels(choice, arch) {
  const { fetchWheels, findWheels, TENSORFLOW_VERSION } = await import('./cuda/wheels.mjs')
  const folder = path.join(
    cache,
    `${choice.distribution}-${TENSORFLOW_VERSION}${choice.forGpu ? '-cuda' : ''}`,
  )
  const list = path.join(folder, 'wheels.json')
  if (!fs.existsSync(list)) {
    const python = findCommand('python3')
    const free = fs.statfsSync(root)
    const freeGb = (free.bavail * free.bsize) / 1e9
    const wheels = findWheels(python, choice, arch)
    console.log(costOf(choice, fromRoot(cache), freeGb))
    const whyNot = whyNoRoom(choice, freeGb)
    if (whyNot) throw new Error(whyNot)
    fs.rmSync(folder, { recursive: true, force: true })
    await fetchWheels(python, wheels, arch, folder)
    fs.writeFileSync(list, JSON.stringify(wheels))
  }
  return {
    wheels: folder,
    libraries: JSON.parse(fs.readFileSync(list, 'utf8')).filter(({ name }) => name.startsWith('nvidia')),
  }
}

/** Builds beside the package that is there, tries it, and only then puts it in its place. */
function replacePackage(version, wheels) {
  const next = `${home}.next`
  const trial = tryBinding(buildBinding(next, version, wheels, console.log))
  fs.rmSync(recordFile, { force: true })
  fs.rmSync(home, { recursive: true, force: true })
  fs.renameSync(next, home)
  return trial
}

function writeRecord(record) {
  fs.writeFileSync(recordFile, `${JSON.stringify(record, undefined, 2)}\n`)
  return record
}

/** The wheels of an earlier choice: gigabytes that nothing uses any more. */
function removeOthers(wheels) {
  for (const name of fs.readdirSync(cache)) {
    const place = path.join(cache, name)
    if (place !== wheels && place !== home && place !== recordFile) fs.rmSync(place, { recursive: true })
  }
}

function finish(headline, { machine, record, trial }) {
  console.log(
    `${headline}\n${reportOf({ machine, record, trial, binding: fromRoot(path.join(packageIn(home), BINDING)) })}`,
  )
  console.log('Look whether it computes rightly:  npx studio selftest --device tensorflow')
  if (record.forGpu && !trial.isOnGpu) process.exitCode = 1
}
