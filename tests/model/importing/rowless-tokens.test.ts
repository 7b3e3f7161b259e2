/** Tokenizers with tokens that were added behind the last row of the embedding, as many folders have them. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exportModel } from '../../../src-main/model/exporting/export-model'
import { changeJson, copyOf, expectRefused, imported } from '../weights/spoiled'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rowless-'))
})
afterEach(() => rm(folder, { recursive: true }))

type Json = Record<string, unknown>
const json = async (...parts: readonly string[]): Promise<Json> =>
  JSON.parse(await readFile(join(...parts), 'utf8')) as Json

/** GPT-2's fixture has 288 rows. @returns its folder, with a token of the id 288 */
async function withToken(content: string, config: Json = {}): Promise<string> {
  const path = await copyOf('gpt2', folder)
  const tokenizer = await json(path, 'tokenizer.json')
  const added = [...(tokenizer['added_tokens'] as object[]), { id: 288, content, special: true }]
  await changeJson(path, 'tokenizer.json', { ...tokenizer, added_tokens: added })
  await changeJson(path, 'tokenizer_config.json', {
    ...(await json(path, 'tokenizer_config.json')),
    ...config,
  })
  return path
}

describe('a padding token behind the last row', () => {
  const config = {
    pad_token: '[PAD]',
    additional_special_tokens: ['[PAD]', '<|endoftext|>'],
    added_tokens_decoder: { 288: { content: '[PAD]', special: true } },
  }

  it('is left out, said, and text where a text has it', async () => {
    const { model, lineage } = await imported(await withToken('[PAD]', config))
    expect(lineage['tokens without a row']).toContain('[PAD]: left out')
    const ids = [...model.tokenizer.encode('a [PAD] b')]
    expect(ids.every((id) => id < 288)).toBe(true)
    expect(model.tokenizer.decode(ids)).toBe('a [PAD] b')
  })

  it('goes out no more', async () => {
    const { model } = await imported(await withToken('[PAD]', config))
    const wish = { format: 'hugging-face', parent: folder, name: 'out', licence: '', lineage: {} } as const
    const { folder: to } = await exportModel(model, wish)
    expect(JSON.stringify(await json(to, 'tokenizer.json'))).not.toContain('[PAD]')
  })
})

it.each<[what: string, config: Json]>([
  ['ends texts', { eos_token: '<|x|>' }],
  ['pads and stands in the template', { pad_token: '<|x|>' }],
])('a token behind the last row that %s is refused', async (_, config) => {
  const path = await withToken('<|x|>', config)
  if ('pad_token' in config) await writeFile(join(path, 'chat_template.jinja'), "{{ '<|x|>' }}")
  await expectRefused(path, 'tokenizer.json', 'its token "<|x|>" has the id 288')
})
