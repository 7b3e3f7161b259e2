/** A small disk of a test's own: it may be filled, its power cut, its writes refused. Linux, and root. */
import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, truncateSync, writeFileSync } from 'node:fs'
import { getuid } from 'node:process'
import { join } from 'node:path'
import koffi from 'koffi'
import { onTestFinished } from 'vitest'
import { testFolder } from './registry'

export const whyNoDisk = whyNot()

function whyNot(): string | undefined {
  if (process.platform !== 'linux') return 'only Linux has what it looks at'
  if (getuid?.() !== 0) return 'only root may mount a disk'
  try {
    execFileSync('sh', ['-c', 'command -v mkfs.ext4 && test -e /dev/loop-control'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'there are no mkfs.ext4 and loop devices'
  }
}

export interface OwnDisk {
  readonly folder: string
  /** What was not brought to the disk is lost, as xfstests does it: nothing more gets there, its log included. */
  cutPower(): void
  /** As after a failure of the disk: it can only be read from now on. */
  refuseWrites(): void
  /** Unmounts it and mounts it again. */
  again(): void
}

/** Linux, fs/ext4/ext4.h: _IOR('X', 125, __u32). */
const EXT4_IOC_SHUTDOWN = 0x8004587d
const WITHOUT_LOG_FLUSH = 2

export function ownDisk(megabytes: number): OwnDisk {
  const own = testFolder()
  const [image, folder] = [join(own, 'image'), join(own, 'disk')]
  mkdirSync(folder)
  writeFileSync(image, '')
  truncateSync(image, megabytes * 2 ** 20)
  execFileSync('mkfs.ext4', ['-q', '-F', image])
  const mount = (): void => void execFileSync('mount', ['-o', 'loop', image, folder])
  const unmount = (how: readonly string[] = []): void => void execFileSync('umount', [...how, folder])
  mount()
  onTestFinished(() => {
    try {
      unmount(['-l'])
    } catch {
      // it is not mounted any more
    }
  })
  return {
    folder,
    cutPower: () => shutDown(folder),
    refuseWrites: () => void execFileSync('mount', ['-o', 'remount,abort', folder]),
    again: () => {
      whenFree(unmount)
      mount()
    },
  }
}

/** A process that was killed lets its files go when the kernel has time for it: under load a moment later. */
function whenFree(unmount: () => void): void {
  for (const endMs = Date.now() + 30_000; ;) {
    try {
      return unmount()
    } catch (error) {
      if (Date.now() > endMs) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
    }
  }
}

function shutDown(folder: string): void {
  const ioctl = koffi.load('libc.so.6').func('int ioctl(int, unsigned long, const uint32_t *)')
  const file = openSync(folder, 'r')
  try {
    const answer: unknown = ioctl(file, EXT4_IOC_SHUTDOWN, [WITHOUT_LOG_FLUSH])
    if (answer !== 0) throw new Error('the disk cannot be shut down')
  } finally {
    closeSync(file)
  }
}
