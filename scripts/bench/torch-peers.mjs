/** PyTorch as a peer: the current release from PyPI where `npm run bench:peers` has put it, else Debian's. */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { startPeer } from './peer.mjs'
import { peerPython } from './peers.mjs'

const debianPython = '/usr/bin/python3'

/**
 * @returns {Promise<{ peer?: object, isCurrent?: boolean, whyNot?: string }>} the peer, whether it is the current release, or why there is none
 */
export async function torchPeer(script, folder) {
  const python = [peerPython, debianPython].find(hasTorch)
  if (!python) return { whyNot: 'PyTorch is not installed; `npm run bench:peers` installs it (Debian: apt-get install python3-torch libopenblas0-pthread)' }
  // Beside OpenMP's threads, threads of OpenBLAS's own would only contend.
  const env = { OMP_NUM_THREADS: '2', OPENBLAS_NUM_THREADS: '1' }
  try {
    return { peer: await startPeer([python, path.join(import.meta.dirname, script), folder], { env }), isCurrent: python === peerPython }
  } catch (error) {
    return { whyNot: error.message }
  }
}

function hasTorch(python) {
  if (!fs.existsSync(python)) return false
  try {
    execFileSync(python, ['-c', 'import torch'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
