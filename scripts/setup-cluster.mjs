/**
 * `npm run setup:cluster`: puts Ray, PyTorch for the CPU, and TRL from PyPI into .cache/cluster, to try a cluster on
 * one machine. To be rid of it, delete that folder. A second run finds what is there.
 */
import fs from 'node:fs'
import path from 'node:path'
import { spawnSync } from 'node:child_process'
import { installTorch, pythonIn } from './bench/peers/install-peers.mjs'
import { findCommand } from './debian.mjs'
import { root } from './setup.mjs'

const folder = path.join(root, '.cache/cluster')
/** Written last: an installation that was broken off is begun anew. */
const ready = path.join(folder, 'ready')

if (!fs.existsSync(ready)) {
  if (!isReachable()) {
    console.error('PyPI does not answer: Ray could not be installed, and nothing has changed.')
    process.exit(1)
  }
  const install = installTorch(folder, console.log)
  console.log('Installing Ray and TRL from PyPI …')
  install(
    'ray[default]>=2.52',
    'pandas',
    'pyarrow',
    'tensorboardX',
    'transformers',
    'datasets',
    'psutil',
    'virtualenv',
  )
  // they ask for PyTorch as it is published, with all of CUDA
  install('--no-deps', 'trl', 'peft', 'accelerate')
  fs.writeFileSync(ready, '')
}
const asked =
  'import ray, torch, trl; print(f"Ray {ray.__version__}, PyTorch {torch.__version__}, TRL {trl.__version__}")'
const { status, stdout } = spawnSync(pythonIn(folder), ['-c', asked], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
console.log(`${stdout.toString().trim()} in ${path.relative(root, folder)}`)
process.exit(status ?? 1)

/** pip is asked, which knows what index this machine is told to take. */
function isReachable() {
  const python = findCommand('python3') ?? 'python'
  const asked = ['-m', 'pip', 'index', 'versions', 'ray', '--disable-pip-version-check']
  return spawnSync(python, asked, { stdio: 'ignore', timeout: 30_000 }).status === 0
}
