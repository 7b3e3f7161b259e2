import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { openGguf } from '../../../src-main/model/importing/gguf-model'
import { openHuggingFaceFolder } from '../../../src-main/model/importing/hugging-face-folder'
import { specOf } from '../../../src-main/model/trunk-parameters'
import { readPlaces } from '../../../src-main/model/importing/tensor-places'
import { expectedOf, fixture } from '../weights/fixtures'
import { largestDifference, logitsOf } from '../weights/logits'

describe('a model that others made', () => {
  it.each([
    ['GPT-2', 'gpt2', 'gpt2/expected.safetensors'],
    ['a Llama in three files, with stretched rotations', 'llama', 'llama/expected.safetensors'],
    ['a Qwen2 of half-precision numbers', 'qwen2', 'qwen2/expected.safetensors'],
    ['a Llama of bfloat16 with wide heads', 'smol', 'smol/expected.safetensors'],
    ['a GGUF of F16 and BF16', 'smol.f16.gguf', 'smol.f16.expected.safetensors'],
    ['a GGUF of Qwen2', 'qwen2.q8.gguf', 'qwen2.q8.expected.safetensors'],
    ['a GGUF of five quantised kinds', 'pieces.mixed.gguf', 'pieces.mixed.expected.safetensors'],
  ])('computes what Hugging Face’s library computes: %s', async (_, name, expectedFile) => {
    const open = name.endsWith('.gguf') ? openGguf : openHuggingFaceFolder
    const pretrained = await open(fixture(name))
    const engine = compiledEngine({ threads: 1 })
    try {
      const { ids, logits } = await expectedOf(expectedFile)
      const parameters = await readPlaces(
        specOf(pretrained.kind, pretrained.config),
        pretrained.places,
        () => {},
      )
      const ours = await logitsOf(engine, pretrained.config, parameters, ids)
      expect(Math.max(...logits)).toBeGreaterThan(1)
      expect(largestDifference(ours, logits)).toBeLessThan(1e-4)
    } finally {
      await pretrained.close()
      engine.dispose()
    }
  })
})
