/** Pretraining: next-token prediction on plain text, from random weights. */
import { choice, integer, number, type Infer } from '../fields'
import type { Recipe } from './recipe'
import { lengthFields, optimizerFields } from './training'

export const pretrainFields = {
  tokenizer: choice(['character', 'byte', 'bpe', 'gpt2'], { group: 'Model', default: 'character', doc: 'What a token is. Character: those of the texts and all of printable ASCII. Byte: the 256 of UTF-8, which read everything. BPE: parts of words, learned from the texts (Sennrich et al. 2016), so that a context holds several times as much text. GPT-2: its 50,257 tokens, of which a small model’s embedding is most.' }),
  vocabulary: integer({ group: 'Model', default: 4096, min: 257, max: 65_536, unit: 'tokens', doc: 'Tokens that BPE learns, the 256 bytes and the end token among them. More make texts shorter and the embedding larger. The other tokenizers have as many as they have.' }),
  layers: integer({ group: 'Model', default: 4, min: 1, max: 48, unit: 'blocks', doc: 'Transformer blocks. gpt-micro has 4 (minGPT, mingpt/model.py).' }),
  heads: integer({ group: 'Model', default: 4, min: 1, max: 64, unit: 'heads', doc: 'Attention heads of a block; must divide the width.' }),
  width: integer({ group: 'Model', default: 128, min: 8, max: 4096, unit: 'channels', doc: 'Width of the residual stream. gpt-micro has 128.' }),
  contextTokens: integer({ group: 'Model', default: 64, min: 8, max: 4096, unit: 'tokens', doc: 'Longest text the model can read and write. Attention costs grow with its square.' }),
  updates: integer({ group: 'Length of the run', default: 2022, min: 1, max: 1_000_000, unit: 'updates', doc: 'Optimizer steps. 2,022 of 64 rows is three passes of the sample text at one text a row.' }),
  ...lengthFields,
  batchRows: integer({ group: 'Batch', default: 64, min: 1, max: 4096, unit: 'rows', doc: 'Rows of one update, each as long as the context.' }),
  packing: choice(['packed', 'one-text-a-row'], { group: 'Batch', default: 'packed', doc: 'Packed fills each row with whole texts one after another; one text a row pads the rest, which trains fewer tokens in the same time.' }),
  heldOutFraction: number({ group: 'Batch', default: 0.02, min: 0, max: 0.5, doc: 'Share of the texts that are never trained on and measure the held-out loss.' }),
  learningRate: number({ group: 'Optimizer', default: 2e-3, min: 1e-8, max: 1, doc: 'Peak step size of AdamW. 2e-3 with a cosine suits a 0.8M model (minRLHF: 1e-3, constant); one of 100M wants about 3e-4.' }),
  warmupUpdates: integer({ group: 'Optimizer', default: 100, min: 0, max: 100_000, unit: 'updates', doc: 'Updates over which the step size rises to its peak.' }),
  finalLearningRateFraction: number({ group: 'Optimizer', default: 0.1, min: 0, max: 1, doc: 'The cosine ends at this share of the peak (Loshchilov & Hutter 2017; nanoGPT uses 0.1).' }),
  ...optimizerFields,
} as const

export type PretrainSettings = Infer<typeof pretrainFields>

export const pretrain: Recipe = {
  name: 'pretrain', title: 'Pretrain', summary: 'next token on text', source: 'Radford et al. 2019; sizes and initialisation as in minGPT', group: 'From text',
  inputs: { texts: { type: 'dataset', label: 'Text', doc: 'What it reads. Several datasets are mixed row by row.', kinds: ['text', 'labelled', 'demonstrations'], isMany: true, isRequired: true } },
  fields: pretrainFields,
  headline: 'loss/train',
  presets: [
    { name: 'HappyGPT', doc: '0.8M parameters, characters, three passes of the sample text: about seven minutes on two cores.', settings: {} },
    { name: 'Quick look', doc: 'A few hundred updates of a narrow model: a minute on two cores.', settings: { layers: 2, width: 64, updates: 300, batchRows: 32, checkpointEvery: 100, samplesEvery: 100, warmupUpdates: 30, learningRate: 2e-3 } },
  ],
}
