import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import {
  AutoModelForCausalLM,
  AutoTokenizer,
  DynamicCache,
  env,
  Tensor,
  type PreTrainedModel,
} from '@huggingface/transformers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { exportModel } from '../../../src-main/model/exporting/export-model'
import { tinyModel } from '../tiny'
import { largestDifference, logitsOf } from '../weights/logits'
import { wide, wideLlama } from '../weights/wide'

const llama = wideLlama({ headWidth: 8, ropeBase: 10_000, ropeScaling: { type: 'linear', factor: 2 } })
const models = {
  gpt: tinyModel(),
  'gpt with a matrix of its own': wide(tinyModel(2, { isTied: false })),
  llama,
}

const parent = await mkdtemp(join(tmpdir(), 'onnx-'))
const engine = compiledEngine({ threads: 1 })
const opened: PreTrainedModel[] = []
beforeAll(() => {
  env.allowRemoteModels = false
  env.localModelPath = parent
})
afterAll(async () => {
  for (const model of opened) await model.dispose()
  engine.dispose()
  await rm(parent, { recursive: true })
})

const int64 = (rows: readonly (readonly number[])[]): Tensor =>
  new Tensor('int64', BigInt64Array.from(rows.flat(), BigInt), [rows.length, rows[0]!.length])

describe.each(Object.entries(models))('an exported %s', (name, model) => {
  let folder: string
  let theirs: PreTrainedModel
  beforeAll(async () => {
    const written = await exportModel(model, { format: 'onnx', parent, name, licence: 'mit', lineage: {} })
    expect(written.files).toEqual([
      'README.md',
      'config.json',
      'generation_config.json',
      join('onnx', 'model.onnx'),
      'tokenizer.json',
      'tokenizer_config.json',
    ])
    folder = basename(written.folder)
    theirs = await AutoModelForCausalLM.from_pretrained(folder)
    opened.push(theirs)
  })

  const ids = [
    [1, 5, 3, 8, 2, 2, 7, 4],
    [9, 1, 1, 6, 3, 10, 0, 2],
  ]
  const ones = ids.map((row) => row.map(() => 1))

  it('has the studio’s logits in transformers.js', async () => {
    const { logits } = (await theirs({ input_ids: int64(ids), attention_mask: int64(ones) })) as {
      logits: Tensor
    }
    expect(logits.dims).toEqual([2, 8, model.config.vocabulary])
    expect(
      largestDifference(
        logits.data as Float32Array,
        await logitsOf(engine, model.config, model.parameters, ids),
      ),
    ).toBeLessThan(1e-4)
  })

  it('has the same logits when what comes first is in the cache', async () => {
    const whole = (
      (await theirs({ input_ids: int64(ids), attention_mask: int64(ones) })) as { logits: Tensor }
    ).logits.data as Float32Array
    const first = (await theirs({
      input_ids: int64(ids.map((row) => row.slice(0, 5))),
      attention_mask: int64(ones.map((row) => row.slice(0, 5))),
    })) as Record<string, Tensor>
    const past = Object.fromEntries(
      Object.entries(first)
        .filter(([name]) => name.startsWith('present'))
        .map(([name, value]) => [name.replace('present', 'past_key_values'), value]),
    )
    expect(Object.keys(past)).toHaveLength(2 * model.config.layers)
    const rest = (await theirs({
      input_ids: int64(ids.map((row) => row.slice(5))),
      attention_mask: int64(ones),
      past_key_values: new DynamicCache(past),
    })) as { logits: Tensor }
    const vocabulary = model.config.vocabulary
    for (const row of [0, 1])
      expect(
        largestDifference(
          (rest.logits.data as Float32Array).slice(row * 3 * vocabulary, (row + 1) * 3 * vocabulary),
          whole.slice((row * 8 + 5) * vocabulary, (row + 1) * 8 * vocabulary),
        ),
      ).toBeLessThan(1e-4)
  })

  it('does not see what is padded', async () => {
    const vocabulary = model.config.vocabulary
    const plain = (
      (await theirs({ input_ids: int64([ids[0]!]), attention_mask: int64([ones[0]!]) })) as { logits: Tensor }
    ).logits.data as Float32Array
    const padded = (
      (await theirs({
        input_ids: int64([[3, 3, ...ids[0]!]]),
        attention_mask: int64([[0, 0, ...ones[0]!]]),
      })) as { logits: Tensor }
    ).logits.data as Float32Array
    expect(largestDifference(padded.slice(2 * vocabulary), plain)).toBeLessThan(1e-4)
  })

  it('writes what the studio’s logits say is likeliest, token by token', async () => {
    const prompt = ids[0]!.slice(0, 4)
    const answer = (
      (await theirs.generate({
        inputs: int64([prompt]),
        max_new_tokens: 6,
        do_sample: false,
        eos_token_id: -1,
      })) as Tensor
    ).tolist() as bigint[][]
    const wanted = [...prompt]
    while (wanted.length < 10) {
      const logits = await logitsOf(engine, model.config, model.parameters, [wanted])
      const last = logits.slice(-model.config.vocabulary)
      wanted.push(last.indexOf(Math.max(...last)))
    }
    expect(answer[0]!.map(Number)).toEqual(wanted)
  })

  it('has its tokenizer beside it', async () => {
    const tokenizer = await AutoTokenizer.from_pretrained(folder)
    const text = 'bad cab.'
    expect([...tokenizer.encode(text)]).toEqual([...model.tokenizer.encodeFirst(text)])
    expect(tokenizer.decode([...model.tokenizer.encode(text)], { skip_special_tokens: true })).toBe(text)
  })
})
