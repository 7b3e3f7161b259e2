/**
 * Peers in Python: the current PyTorch, NumPy and JAX from PyPI where `npm run bench:peers` has put them,
 * else Debian's.
 */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { startPeer } from '../race.mjs'
import { peerPython, pythonIn } from './install-peers.mjs'

const debianPython = '/usr/bin/python3'
const debianPackages = {
  torch: 'python3-torch libopenblas0-pthread',
  numpy: 'python3-numpy libopenblas0-pthread',
}
const titles = { torch: 'PyTorch', numpy: 'NumPy', jax: 'JAX' }

/**
 * @param library torch, numpy or jax.
 * @returns {{ python?: string, whyNot?: string }} the interpreter that has it, or why there is none
 */
export function pythonWith(library) {
  const python = [peerPython, debianPython].find((each) => has(each, library))
  const debian = debianPackages[library]
  return python
    ? { python }
    : {
        whyNot:
          `${titles[library]} is not installed; \`npm run bench:peers\` installs ` +
          `it${debian ? ` (Debian: apt-get install ${debian})` : ''}`,
      }
}

/**
 * @param library   what the script imports
 * @param blasThreads of OpenBLAS itself: beside OpenMP's threads they would only contend
 * @returns {Promise<{ peer?: object, isCurrent?: boolean, whyNot?: string }>} the peer, whether it is the
 *   current release, or why there is none
 */
export async function pythonPeer(library, [script, ...rest], { blasThreads = 1 } = {}) {
  const { python, whyNot } = pythonWith(library)
  if (!python) return { whyNot }
  const env = { OMP_NUM_THREADS: '2', OPENBLAS_NUM_THREADS: String(blasThreads), JAX_PLATFORMS: 'cpu' }
  try {
    return {
      peer: await startPeer([python, path.join(import.meta.dirname, script), ...rest], { env }),
      isCurrent: python === peerPython,
    }
  } catch (error) {
    return { whyNot: error.message }
  }
}

const cache = path.join(import.meta.dirname, '../../../.cache')
/** Where `npm run bench:peers` puts TRL, and where `npm run test:peers` may have found it. */
const trlFolders = ['peers', 'peers-test'].map((name) => path.join(cache, name))
/** Beside it TRL 1.12, the last release that has PPO. */
export const ppoFolder = (environment) => path.join(environment, 'trl-ppo')

/**
 * A peer in TRL.
 * @returns as `pythonPeer`
 */
export async function trlPeer([script, ...rest]) {
  const folder = trlFolders.find(
    (each) =>
      fs.existsSync(ppoFolder(each)) && ['trl', 'peft'].every((library) => has(pythonIn(each), library)),
  )
  if (!folder) return { whyNot: 'TRL is not installed; `npm run bench:peers` installs it' }
  const file = path.join(import.meta.dirname, script)
  try {
    return {
      peer: await startPeer([pythonIn(folder), file, ...rest, ppoFolder(folder)], {
        env: { OMP_NUM_THREADS: '2', TOKENIZERS_PARALLELISM: 'false', HF_HUB_OFFLINE: '1' },
      }),
    }
  } catch (error) {
    return { whyNot: error.message }
  }
}

function has(python, library) {
  if (!fs.existsSync(python)) return false
  try {
    execFileSync(python, ['-c', `import ${library}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
