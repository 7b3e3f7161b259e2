/** GGUF files that the studio writes hold, to the byte, what llama.cpp’s package for Python makes of the numbers. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { exportModel } from '../../src-main/model/exporting/export-model'
import { skipped } from '../helpers/skipping'
import { fixture } from '../model/weights/fixtures'
import { imported } from '../model/weights/spoiled'
import { saidBy, whyNoPython } from './peers'

const parent = await mkdtemp(join(tmpdir(), 'quantised-'))
afterAll(() => rm(parent, { recursive: true }))

async function written(name: string, numbers: 'F32' | 'F16' | 'Q8_0' | 'Q4_0'): Promise<string> {
  const { model } = await imported(fixture(name))
  const title = `${name.replace('/', ' ')} ${numbers}`
  const wish = { format: 'gguf', numbers, parent, name: title, licence: '', lineage: {} } as const
  const { folder, files } = await exportModel(model, wish)
  return join(
    folder,
    files.find((file) => file.endsWith('.gguf'))!,
  )
}

describe.skipIf(whyNoPython !== undefined)(
  `GGUF files, in llama.cpp’s package for Python${skipped(whyNoPython)}`,
  () => {
    it.each(['smol', 'neox', 'families/qwen3', 'families/lfm2'])(
      'hold the bytes that it makes of the same numbers: %s',
      { timeout: 120_000 },
      async (name) => {
        const full = await written(name, 'F32')
        const few = [await written(name, 'F16'), await written(name, 'Q8_0'), await written(name, 'Q4_0')]
        const found = saidBy('quantised.py', full, ...few)
        expect(found).toMatchObject([
          { kinds: ['F16', 'F32'], differ: [] },
          { kinds: expect.arrayContaining(['F32', 'Q8_0']) as string[], differ: [] },
          { kinds: expect.arrayContaining(['F32', 'Q4_0']) as string[], differ: [] },
        ])
      },
    )
  },
)
