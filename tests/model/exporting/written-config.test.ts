import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writeConfig } from '../../../src-main/model/exporting/written-config'

it('writes with a point what transformers takes as a float only, and nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'config-'))
  const config = {
    final_logit_softcapping: 30,
    attn_logit_softcapping: null,
    rms_norm_eps: 1e-6,
    hidden_size: 8,
    rope_parameters: { rope_theta: 10_000, factor: 8, long_factor: [1, 2] },
    text: '"rms_norm_eps": 1,\n"rms_norm_eps": 1',
    initializer_range: 1,
  }
  await writeConfig(folder, config)
  const text = await readFile(join(folder, 'config.json'), 'utf8')
  await rm(folder, { recursive: true })
  expect(JSON.parse(text)).toEqual(config)
  // 30 and 1 are ints to Python, and its Gemma2Config refuses them
  expect(text.match(/"\w+": \d+\.0,?$/gm)).toEqual([
    '"final_logit_softcapping": 30.0,',
    '"rope_theta": 10000.0,',
    '"initializer_range": 1.0',
  ])
})
