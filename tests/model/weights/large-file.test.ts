import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openByteFile } from '../../../src-main/model/weights/byte-file'
import { readSafetensors } from '../../../src-main/model/weights/safetensors'
import { readTransposed } from '../../../src-main/model/weights/stored-tensor'
import { numbersOf } from './memory-file'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'large-'))
})
afterEach(() => rm(folder, { recursive: true }))

const gigabyte = 2 ** 30

/** A file of 3 GB that takes no room on the disk: holes, and a small tensor behind them. */
async function largeFile(): Promise<string> {
  const path = join(folder, 'model.safetensors')
  const header = Buffer.from(
    JSON.stringify({
      holes: { dtype: 'F16', shape: [3 * 512, 2 ** 20], data_offsets: [0, 3 * gigabyte] },
      last: { dtype: 'BF16', shape: [2, 2], data_offsets: [3 * gigabyte, 3 * gigabyte + 8] },
    }).padEnd(256),
  )
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  const file = await open(path, 'w')
  await file.write(Buffer.concat([length, header]), 0, 264, 0)
  await file.write(
    Buffer.from(Uint16Array.of(0x3f80, 0xc000, 0x0001, 0x4120).buffer),
    0,
    8,
    264 + 3 * gigabyte,
  ) // 1, −2, 2⁻¹³³, 10
  await file.close()
  return path
}

describe('a file of 3 GB', () => {
  it('is opened, and what stands at its end is read, without being in memory', async () => {
    const path = await largeFile()
    const before = process.memoryUsage()
    const file = await openByteFile(path)
    try {
      const { tensors } = await readSafetensors(file)
      expect([...tensors.keys()]).toEqual(['holes', 'last'])
      expect(await numbersOf(tensors.get('last')!)).toEqual(Float32Array.of(1, -2, 2 ** -133, 10))
      const after = process.memoryUsage()
      expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(20e6)
    } finally {
      await file.close()
    }
  })

  it('has its matrices turned in pieces: beside the result only a few megabytes are in memory', async () => {
    const file = await openByteFile(await largeFile())
    try {
      const { tensors } = await readSafetensors(file)
      const part = { ...tensors.get('holes')!, shape: [4096, 4096] }
      const into = new Float32Array(4096 * 4096).fill(7)
      const before = process.memoryUsage().arrayBuffers
      let most = 0
      const watch = setInterval(() => {
        most = Math.max(most, process.memoryUsage().arrayBuffers)
      }, 1)
      await readTransposed(part, into)
      clearInterval(watch)
      expect(into.every((value) => value === 0)).toBe(true)
      // the matrix has 67 million bytes, its half-precision form 34 million
      expect(most - before).toBeLessThan(60e6)
    } finally {
      await file.close()
    }
  })
})
