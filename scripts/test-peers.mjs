/**
 * `npm run test:peers [-- FILTER …]`: what the studio imports and exports, in the libraries that others use: puts
 * transformers, peft and what they need from PyPI, and llama.cpp from npm, into .cache/peers-test once, and runs
 * tests/peers with them. STUDIO_PEERS_PYTHON names a Python that has them already, and
 * STUDIO_PEERS_LLAMA a folder in which node-llama-cpp is installed.
 *
 * `--if-reachable`: where PyPI does not answer it says so and is content, as a continuous-integration machine wants
 * it.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { installerOf, installLlama, installTorch, pythonIn } from './bench/peers/install-peers.mjs'
import { findCommand } from './debian.mjs'
import { bin, root } from './setup.mjs'

const folder = path.join(root, '.cache/peers-test')
/** Written last: an installation that was broken off is begun anew. */
const ready = path.join(folder, 'ready')
/** The same of what reads exported datasets. */
const readyToRead = path.join(folder, 'ready-trl')
const llama = path.join(folder, 'llama')
/** The same of programs for labelling. */
const labelling = path.join(folder, 'ready-labelling')

const asked = process.argv.slice(2)
const isOptional = asked.includes('--if-reachable')
const filters = asked.filter((each) => each !== '--if-reachable')

const python = process.env.STUDIO_PEERS_PYTHON ?? installed()
if (python === undefined) {
  console.log('Exports in other libraries: skipped, for PyPI does not answer and they are not installed.')
  process.exit(isOptional ? 0 : 1)
}
const llamaFolder = process.env.STUDIO_PEERS_LLAMA ?? (fs.existsSync(llama) ? llama : '')
const { status } = spawnSync(
  process.execPath,
  [bin('vitest', 'vitest'), 'run', ...(filters.length > 0 ? filters : ['tests/peers'])],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, STUDIO_PEERS_PYTHON: python, STUDIO_PEERS_LLAMA: llamaFolder },
  },
)
process.exit(status ?? 1)

/** The Python of .cache/peers-test, installed if need be; undefined where it cannot be. */
function installed() {
  if (fs.existsSync(ready)) return withReaders()
  if (!isReachable()) return undefined
  const install = installTorch(folder, console.log)
  console.log('Installing transformers and peft from PyPI …')
  install('transformers', 'safetensors', 'tokenizers', 'jinja2', 'sentencepiece', 'psutil', 'gguf')
  // they ask for PyTorch as it is published, with all of CUDA
  install('--no-deps', 'peft', 'accelerate')
  installLlama(llama, console.log)
  fs.writeFileSync(ready, '')
  return withReaders()
}

/** TRL, what it reads files with, and programs for labelling, added to what is there. */
function withReaders() {
  if (!fs.existsSync(readyToRead) && isReachable()) {
    const install = installerOf(folder)
    install('datasets', 'pyarrow')
    install('--no-deps', 'trl')
    fs.writeFileSync(readyToRead, '')
  }
  if (!fs.existsSync(labelling) && isReachable()) {
    installerOf(folder)('argilla', 'label-studio-sdk')
    fs.writeFileSync(labelling, '')
  }
  return pythonIn(folder)
}

/** pip is asked, which knows what index this machine is told to take. */
function isReachable() {
  const python = findCommand('python3') ?? 'python'
  const asked = ['-m', 'pip', 'index', 'versions', 'transformers', '--disable-pip-version-check']
  return spawnSync(python, asked, { stdio: 'ignore', timeout: 30_000 }).status === 0
}
