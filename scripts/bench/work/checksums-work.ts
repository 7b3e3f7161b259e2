/** A checkpoint of 100 MB, loaded with its checksums and without, in turns. Prints both times as JSON. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seeded } from '../../../src-main/maths/random'
import { loadModel, saveModel } from '../../../src-main/model/checkpoint'
import { createLanguageModel } from '../../../src-main/model/language-model'
import { trainCharacterTokenizer } from '../../../src-main/model/tokenizers/character'

const turns = 21

/** Any other name makes it a file of an earlier version, whose bytes nobody checks. */
function withoutChecksums(bytes: Buffer): Buffer {
  const at = bytes.indexOf('"checksums"')
  if (at < 0) throw new Error('the file has no checksums')
  const other = Buffer.from(bytes)
  other.write('"no-sums-x"', at)
  return other
}

async function loadedMs(path: string): Promise<number> {
  const before = performance.now()
  await loadModel(path)
  return performance.now() - before
}

const folder = await mkdtemp(join(tmpdir(), 'studio-checksums-'))
try {
  const tokenizer = trainCharacterTokenizer(['abcdefgh .'])
  const size = { layers: 8, heads: 8, width: 512, contextTokens: 128, vocabulary: tokenizer.vocabulary }
  const model = createLanguageModel({ architecture: 'gpt', ...size, isTied: true }, tokenizer, seeded(1))
  const [checked, unchecked] = [join(folder, 'checked.safetensors'), join(folder, 'unchecked.safetensors')]
  const bytes = await saveModel(checked, model, {})
  await writeFile(unchecked, withoutChecksums(await readFile(checked)))
  const [checkedMs, uncheckedMs]: [number[], number[]] = [[], []]
  for (let turn = -1; turn < turns; turn++) {
    const [one, other] = [await loadedMs(checked), await loadedMs(unchecked)]
    if (turn < 0) continue // the first reads bring the files into memory
    checkedMs.push(one)
    uncheckedMs.push(other)
  }
  console.log(JSON.stringify({ bytes, checkedMs, uncheckedMs }))
} finally {
  await rm(folder, { recursive: true })
}
