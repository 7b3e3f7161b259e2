/** A model whose tokenizer lies beside it in older files reads texts as it does with a tokenizer.json. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fixture } from '../weights/fixtures'
import { copyOf, imported } from '../weights/spoiled'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'older-model-'))
})
afterEach(() => rm(folder, { recursive: true }))

interface TokenizerFile {
  readonly model: {
    readonly vocab: Readonly<Record<string, number>>
    readonly merges: readonly (string | readonly [string, string])[]
  }
  readonly added_tokens: readonly { readonly id: number; readonly content: string }[]
}

it.each(['gpt2', 'qwen2'])('of %s', async (name) => {
  const path = await copyOf(name, folder)
  const file = join(path, 'tokenizer.json')
  const { model, added_tokens } = JSON.parse(await readFile(file, 'utf8')) as TokenizerFile
  const merges = model.merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' ')))
  const added = added_tokens.filter(({ content }) => !(content in model.vocab))
  await writeFile(join(path, 'vocab.json'), JSON.stringify(model.vocab))
  await writeFile(join(path, 'merges.txt'), `#version: 0.2\n${merges.join('\n')}\n`)
  await writeFile(
    join(path, 'added_tokens.json'),
    JSON.stringify(Object.fromEntries(added.map(({ content, id }) => [content, id]))),
  )
  await rm(file)
  const [older, newer] = [(await imported(path)).model, (await imported(fixture(name))).model]
  for (const text of ['Ahab said: “naïve”, 42 times.\n\n  Yes', ' whale', ''])
    expect([...older.tokenizer.encode(text)]).toEqual([...newer.tokenizer.encode(text)])
  expect(older.tokenizer.endToken).toBe(newer.tokenizer.endToken)
  expect(older.tokenizer.chat?.encode('<|im_start|>user')).toEqual(
    newer.tokenizer.chat?.encode('<|im_start|>user'),
  )
})
