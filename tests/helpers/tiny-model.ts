/** Checkpoints of tiny models with random weights, in a registry that no studio has open yet. */
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import { seeded } from '../../src-main/maths/random'
import { trainCharacterTokenizer } from '../../src-main/model/tokenizers/character'
import type { Tokenizer } from '../../src-main/model/tokenizers/tokenizer'
import { saveModel } from '../../src-main/model/checkpoint'
import { createRewardModel } from '../../src-main/model/heads'
import { createLanguageModel } from '../../src-main/model/language-model'
import { insertCheckpoint } from '../../src-main/store/checkpoints'
import { openRegistry } from '../../src-main/store/database'

export const knownCharacters = 'abcdefghijklmnopqrstuvwxyz :.'
export const tinyContext = 32

interface TinyModel {
  readonly kind?: Checkpoint['kind']
  /** What its tokenizer knows, when it is one of characters. */
  readonly characters?: string
  readonly tokenizer?: Tokenizer
  readonly seed?: number
  readonly width?: number
  /** Multiplies the weights: drawn wide, what is written depends on what was read. */
  readonly spread?: number
}

export async function tinyCheckpoint(
  folder: string,
  {
    kind = 'language-model',
    characters = knownCharacters,
    tokenizer = trainCharacterTokenizer([characters]),
    seed = 1,
    width = 16,
    spread = 1,
  }: TinyModel = {},
): Promise<Checkpoint> {
  const config = {
    architecture: 'gpt',
    layers: 1,
    heads: 2,
    width,
    contextTokens: tinyContext,
    vocabulary: tokenizer.vocabulary,
    isTied: true,
  } as const
  const base = createLanguageModel(config, tokenizer, seeded(seed))
  base.parameters.flat.forEach((value, i, all) => {
    all[i] = value * spread
  })
  const model = kind === 'language-model' ? base : createRewardModel(base, seeded(seed))
  const name = `${kind} ${seed}`
  const path = join(folder, 'registry-checkpoints', `${name}.safetensors`)
  mkdirSync(dirname(path), { recursive: true })
  const bytes = await saveModel(path, model, {})
  const db = openRegistry(join(folder, 'registry.sqlite'))
  try {
    return insertCheckpoint(db, {
      name,
      kind,
      step: 0,
      architecture: 'gpt',
      parameters: model.parameters.count,
      contextTokens: tinyContext,
      tokenizer: tokenizer.name,
      bytes,
      path,
      createdAtMs: 1,
    })
  } finally {
    db.close()
  }
}
