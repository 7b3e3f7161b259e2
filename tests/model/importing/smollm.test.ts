import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { generate } from '../../../src-main/model/writing/generation'
import type { LanguageModel } from '../../../src-main/model/model'
import { importModel } from '../../../src-main/model/importing/import-model'
import { skipped } from '../../helpers/skipping'

const path = join(import.meta.dirname, '../../../.cache/models/SmolLM2-135M-Instruct.Q4_1.gguf')

const whyNot = existsSync(path)
  ? undefined
  : 'SmolLM2-135M-Instruct is not here; npm run fixtures:smollm fetches it'

describe.skipIf(whyNot !== undefined)(`SmolLM2-135M-Instruct as GGUF${skipped(whyNot)}`, () => {
  it('is imported and answers a question', { timeout: 300_000 }, async () => {
    const { model, licence } = await importModel(path, new AbortController().signal)
    expect(licence).toBe('apache-2.0')
    expect(model.parameters.count).toBe(134_515_008)
    expect(model.config).toMatchObject({
      architecture: 'llama',
      layers: 30,
      heads: 9,
      keyValueHeads: 3,
      headWidth: 64,
      contextTokens: 8192,
      isTied: true,
    })

    // a small memory: the answer is short
    const short = { ...model, config: { ...model.config, contextTokens: 128 } } as LanguageModel
    const engine = compiledEngine({ threads: 2 })
    try {
      const [answer] = await generate(engine, short, ['What is the capital of France?'], {
        temperature: 0,
        topK: 0,
        topP: 1,
        maxTokens: 30,
        seed: 1,
      })
      expect(answer!.text).toContain('Paris')
      expect(answer!.hasEnded).toBe(true)
    } finally {
      engine.dispose()
    }
  })
})
