/** Files of every format that is read, with a few bytes changed: read, or refused in words; never anything else. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { errorText, StudioFailure } from '../../src-shared/result'
import { seeded } from '../../src-main/maths/random'
import { torturedRound, tried } from '../helpers/tries'
import { changedBytes } from './changed-bytes'
import { formats } from './changed-formats'

/** Of this process's own time: others may have paused it. */
const slowestMs = 20_000
const mostMb = 1500

const often = { short: 25, long: 300 }

describe('a file with a few bytes changed', () => {
  it.for(Object.keys(formats))('is read or refused in words: %s', async (name, context) => {
    const { file, read } = await formats[name]!()
    const sound = readFileSync(file)
    await read(file)
    await tried(context, often, async (index) => {
      for (const beside of ['-wal', '-shm', '.lock'])
        rmSync(`${file}${beside}`, { force: true, recursive: true })
      writeFileSync(file, changedBytes(sound, seeded(1_000_000 * torturedRound + index)))
      const before = process.cpuUsage()
      try {
        await read(file)
      } catch (error) {
        if (!(error instanceof StudioFailure)) throw error
        expect(error.error.kind).toMatch(/refused-file|storage|invalid-input|cancelled/)
        expect(errorText(error.error).length).toBeGreaterThan(10)
      }
      const { user, system } = process.cpuUsage(before)
      expect((user + system) / 1000).toBeLessThan(slowestMs)
      expect(process.memoryUsage().rss / 2 ** 20).toBeLessThan(mostMb)
    })
  })
})
