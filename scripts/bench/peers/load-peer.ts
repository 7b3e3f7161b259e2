/**
 * `load-peer.js FILE`: how long a model's file takes to load. The first load is the one that counts: a
 * process of its own each time.
 */
import { existsSync } from 'node:fs'
import { seeded } from '../../../src-main/maths/random'
import { loadModel, saveModel } from '../../../src-main/model/checkpoint'
import { createLanguageModel } from '../../../src-main/model/language-model'
import { gpt2Tokenizer } from '../../../src-main/model/tokenizers/gpt2'
import { servePeer } from './serve-peer'
import { works } from '../work/work'

const file = process.argv[2]!
if (!existsSync(file))
  await saveModel(
    file,
    createLanguageModel(works.gpt2.config, gpt2Tokenizer(), seeded('bench', 'weights')),
    {},
  )
await servePeer({ name: 'RLHF Studio' }, async () => {
  await loadModel(file)
})
