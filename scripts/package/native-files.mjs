/**
 * Which system and machine a native file is for, read from its own header: a binary of another one in a package is
 * found before somebody's first start finds it.
 */
import fs from 'node:fs'
import path from 'node:path'

const elfMachines = { 0x3e: 'x64', 0xb7: 'arm64' }
const peMachines = { 0x8664: 'x64', 0xaa64: 'arm64' }
const machOMachines = { 0x01000007: 'x64', 0x0100000c: 'arm64' }
const named = (machines, number) => machines[number] ?? `machine 0x${number.toString(16)}`

/** Each kind: by what it begins, and where in it the machine stands. */
const kinds = [
  {
    system: 'linux',
    isOne: (head) => head.readUInt32BE(0) === 0x7f454c46,
    machines: (head) => [named(elfMachines, head.readUInt16LE(18))],
  },
  {
    system: 'win32',
    isOne: (head) => head.readUInt16BE(0) === 0x4d5a && peStart(head) !== undefined,
    machines: (head) => [named(peMachines, head.readUInt16LE(peStart(head) + 4))],
  },
  {
    system: 'darwin',
    isOne: (head) => head.readUInt32LE(0) === 0xfeedfacf,
    machines: (head) => [named(machOMachines, head.readUInt32LE(4))],
  },
  {
    // One file for several machines. Java's classes begin alike; their version is a larger number.
    system: 'darwin',
    isOne: (head) => head.readUInt32BE(0) === 0xcafebabe && head.readUInt32BE(4) < 20,
    machines: (head) =>
      Array.from({ length: head.readUInt32BE(4) }, (_, index) =>
        named(machOMachines, head.readUInt32BE(8 + 20 * index)),
      ),
  },
]

function peStart(head) {
  const start = head.readUInt32LE(0x3c)
  return start + 6 <= head.length && head.readUInt32BE(start) === 0x50450000 ? start : undefined
}

/** @returns `{ system, machines }`, or undefined for a file that is not native */
export function nativeKind(file) {
  const head = Buffer.alloc(4096)
  const opened = fs.openSync(file, 'r')
  const bytes = fs.readSync(opened, head, 0, head.length, 0)
  fs.closeSync(opened)
  if (bytes < 64) return undefined
  const kind = kinds.find((each) => each.isOne(head))
  return kind && { system: kind.system, machines: kind.machines(head) }
}

/** @returns every native file under a folder with what it is for */
export function nativeFiles(folder) {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .flatMap((file) => {
      const kind = nativeKind(file)
      return kind ? [{ file: path.relative(folder, file), ...kind }] : []
    })
}

/** @returns a sentence for every native file under a folder that does not run on this system and machine */
export const misplaced = (folder, system, machine) =>
  nativeFiles(folder)
    .filter((each) => each.system !== system || !each.machines.includes(machine))
    .map(
      (each) =>
        `${each.file} is for ${each.system} on ${each.machines.join(', ')}, not ${system} on ${machine}`,
    )
