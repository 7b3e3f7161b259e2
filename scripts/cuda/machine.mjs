/** What this machine has for TensorFlow: system, NVIDIA GPUs, their driver. */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { findCommand } from '../debian.mjs'

/** Windows' Linux keeps it outside the PATH. */
const WSL_NVIDIA_SMI = '/usr/lib/wsl/lib/nvidia-smi'

/**
 * @typedef {{ name: string, memoryMiB: number, driver: string }} Gpu
 * @typedef {{ platform: string, arch: string, libc: string, gpus: Gpu[], whyNoGpu?: string }} Machine
 */

/** @returns {Machine} */
export function lookAtMachine() {
  return { platform: process.platform, arch: process.arch, libc: libc(), ...gpusOf(askNvidiaSmi()) }
}

/** "glibc 2.36", "musl", or "" where there is no such thing. */
function libc() {
  if (process.platform !== 'linux') return ''
  const version = process.report.getReport().header.glibcVersionRuntime
  return version ? `glibc ${version}` : 'musl'
}

function askNvidiaSmi() {
  const command = findCommand('nvidia-smi') ?? (fs.existsSync(WSL_NVIDIA_SMI) ? WSL_NVIDIA_SMI : undefined)
  if (!command) return undefined
  const { stdout, stderr, status } = spawnSync(
    command,
    ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader,nounits'],
    { encoding: 'utf8' },
  )
  return { said: `${stdout}${stderr}`, hasFailed: status !== 0 }
}

/**
 * @param answer what nvidia-smi said; undefined where there is no such program
 * @returns {{ gpus: Gpu[], whyNoGpu?: string }} the GPUs, or the reason why there is none
 */
export function gpusOf(answer) {
  if (!answer) return { gpus: [], whyNoGpu: 'nvidia-smi, which comes with NVIDIA’s driver, was not found' }
  const gpus = answer.hasFailed ? [] : parseGpus(answer.said)
  if (gpus.length > 0) return { gpus }
  return { gpus, whyNoGpu: `nvidia-smi says: ${answer.said.trim().split('\n')[0] || 'nothing'}` }
}

/** Lines as "NVIDIA GeForce RTX 4090, 24564, 550.54.14"; others are no GPUs. */
function parseGpus(text) {
  return text.split('\n').flatMap((line) => {
    const match = /^(.+), (\d+|\[.+\]), (\d+(?:\.\d+)+)$/.exec(line.trim())
    return match ? [{ name: match[1], memoryMiB: Number(match[2]) || 0, driver: match[3] }] : []
  })
}

/** A reason in words why TensorFlow cannot be set up on such a machine, or undefined. */
export function whyUnsupported({ platform, arch, libc }) {
  if (platform === 'win32')
    return 'TensorFlow stopped supporting GPUs on Windows itself: do this inside WSL 2.'
  if (platform !== 'linux') return 'This sets up TensorFlow on Linux only.'
  if (arch !== 'x64' && arch !== 'arm64') return `TensorFlow is not published for Linux on ${arch}.`
  if (libc === 'musl') return 'TensorFlow is published for glibc only, and this system has musl.'
  return undefined
}
