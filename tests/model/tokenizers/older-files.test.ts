/**
 * Tokenizers of folders without a tokenizer.json, held against sentencepiece itself and against transformers;
 * tests/fixtures/tokenizers/older.py says how.
 */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readTokenizerFiles } from '../../../src-main/model/importing/tokenizer-files'
import { isObject } from '../../../src-main/model/weights/json-file'
import { huggingFaceTokenizer } from '../../../src-main/model/tokenizers/hugging-face'
import type { Tokenizer } from '../../../src-main/model/tokenizers/tokenizer'

interface Made {
  readonly files: Readonly<Record<string, string>>
  readonly config: Readonly<Record<string, unknown>>
  readonly ids: readonly (readonly number[])[]
  readonly decoded: readonly string[]
  readonly begin: number | null
  readonly end: number
  /** Of one text, with what goes before it. */
  readonly first?: readonly number[]
}

const { texts, ...all } = JSON.parse(
  gunzipSync(readFileSync(new URL('../../fixtures/tokenizers/older.json.gz', import.meta.url))).toString(),
) as { readonly texts: readonly string[] } & Readonly<Record<string, Made>>

function folderOf({ files, config }: Made): string {
  const folder = mkdtempSync(join(tmpdir(), 'older-'))
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify(config))
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), name.endsWith('.model') ? Buffer.from(content, 'base64') : content)
  return folder
}

async function read(folder: string): Promise<Tokenizer> {
  const { tokenizer, config } = await readTokenizerFiles(folder, readdirSync(folder))
  return huggingFaceTokenizer({ type: 'hugging-face', tokenizer, config, prompts: 'plain' })
}

/** Of unigrams: of two ways that are equally likely either is right, and HF's own takes the other one. */
function worthOf({ definition }: Tokenizer): ((ids: readonly number[]) => number) | undefined {
  const model = definition.type === 'hugging-face' ? definition.tokenizer['model'] : undefined
  if (!isObject(model) || !Array.isArray(model['vocab'])) return undefined
  const scores = model['vocab'].map((entry: readonly [string, number]) => entry[1])
  return (ids) => ids.reduce((sum, id) => sum + scores[id]!, 0)
}

describe.each(Object.entries(all))('the older files of a tokenizer like %s', (_, made) => {
  it('give the ids and the texts that their own program gives', async () => {
    const tokenizer = await read(folderOf(made))
    expect(texts.length).toBeGreaterThan(450)
    const worth = worthOf(tokenizer)
    const wrong = texts.filter((text, index) => {
      const [ids, right] = [[...tokenizer.encode(text)], made.ids[index]!]
      return ids.join() !== right.join() && !(worth && Math.abs(worth(ids) - worth(right)) < 1e-6)
    })
    expect(wrong).toEqual([])
    // sentencepiece writes " ⁇ " for what it does not know, transformers nothing
    const known = made.ids.flatMap((ids, index) => {
      const decoded = made.decoded[index]!
      return decoded.includes('⁇') ? [] : [{ ids, decoded }]
    })
    expect(known.length).toBeGreaterThan(50)
    expect(known.map(({ ids }) => tokenizer.decode(ids))).toEqual(known.map(({ decoded }) => decoded))
  })

  it('name begin and end', async () => {
    const tokenizer = await read(folderOf(made))
    expect(tokenizer.endToken).toBe(made.end)
    if (made.begin !== null) expect(tokenizer.beginToken).toBe(made.begin)
    if (made.first) expect([...tokenizer.encodeFirst('Ahab')]).toEqual(made.first)
  })
})

describe('the older files of a tokenizer', () => {
  it('put a begin token before texts where their class does', async () => {
    const [llama, unknown] = await Promise.all([
      read(folderOf(all['llama']!)),
      read(folderOf(all['unknown']!)),
    ])
    expect(llama.encodeFirst('Ahab')[0]).toBe(1)
    expect([...unknown.encodeFirst('Ahab')]).toEqual([...unknown.encode('Ahab')])
  })

  it('know added tokens by added_tokens.json', async () => {
    const { definition } = await read(folderOf(all['gpt2']!))
    expect(JSON.stringify(definition)).toContain('"content":"<|user|>"')
  })

  it('of a class that moves its ids are refused with how to convert them', async () => {
    const folder = folderOf({ ...all['llama']!, config: { tokenizer_class: 'XGLMTokenizer' } })
    await expect(read(folder)).rejects.toThrow('Make it from the older files of the tokenizer once')
  })

  it('that are something else, or cut off, are refused by their name', async () => {
    const model = Buffer.from(all['llama']!.files['tokenizer.model']!, 'base64')
    for (const bytes of [model.subarray(0, 500), Buffer.from('IQ== 0\nIg== 1\n'), Buffer.alloc(0)]) {
      const folder = folderOf(all['llama']!)
      writeFileSync(join(folder, 'tokenizer.model'), bytes)
      await expect(read(folder)).rejects.toThrow(/tokenizer\.model.*SentencePiece/)
    }
    const folder = folderOf(all['gpt2']!)
    writeFileSync(join(folder, 'merges.txt'), '#version: 0.2\na b c\n')
    await expect(read(folder)).rejects.toThrow(/merges\.txt.*line 2/)
  })
})
