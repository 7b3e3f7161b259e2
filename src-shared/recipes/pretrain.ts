/** Pretraining: next-token prediction on plain text, from random weights. */
import { choice, integer, number, type Infer } from '../fields'
import { pretrainPresets } from './pretrain-presets'
import type { Recipe } from './recipe'
import { lengthFields, memoryFields, optimizerFields } from './training'

export const pretrainFields = {
  trainOn: choice(['whole-text', 'completion'], {
    group: 'Data',
    default: 'whole-text',
    doc:
      'Where the loss is taken. On the completion alone the prompt is read but not learned: for tasks ' +
      'whose prompts are drawn at random (minGPT’s adder and sorter).',
  }),
  exactMatch: choice(['off', 'on'], {
    group: 'Data',
    default: 'off',
    doc:
      'Whether up to 500 held-out prompts are completed at each look, always with the likeliest token, and ' +
      'the share that is exactly right is kept as a metric: for tasks with one right answer.',
  }),
  architecture: choice(['gpt', 'llama', 'decoder', 'neox', 'palm', 'rwkv4', 'rwkv7'], {
    group: 'Model',
    default: 'gpt',
    doc:
      'GPT as in GPT-2 and minGPT. Llama: RMSNorm, rotary positions, SwiGLU (Touvron et al. 2023). ' +
      'Decoder: the same with normed queries and keys, as Qwen3 (Yang et al. 2025). ' +
      'GPT-NeoX: as Pythia, attention and feed-forward side by side, a quarter of each head rotated (Black ' +
      'et al. 2022). PaLM: side by side, too, one key and value for all heads (Chowdhery et al. 2022). ' +
      'RWKV-4 and RWKV-7: recurrent, so a text is remembered in a state of fixed size (Peng et al. 2023, ' +
      '2025).',
  }),
  tokenizer: choice(['character', 'byte', 'bpe', 'gpt2'], {
    group: 'Model',
    default: 'character',
    doc:
      'What a token is. Character: those of the texts and all of printable ASCII. Byte: the 256 of UTF-8, ' +
      'which read everything. BPE: parts of words, learned from the texts (Sennrich et al. 2016), so that ' +
      'a context holds several times as much text. GPT-2: its 50,257 tokens, of which a small model’s ' +
      'embedding is most.',
  }),
  vocabulary: integer({
    group: 'Model',
    shownWhen: { tokenizer: 'bpe' },
    default: 4096,
    min: 257,
    max: 65_536,
    unit: 'tokens',
    doc:
      'Tokens that BPE learns, the 256 bytes and the end token among them. More make texts shorter and the ' +
      'embedding larger. The other tokenizers have as many as they have.',
  }),
  layers: integer({
    group: 'Model',
    default: 4,
    min: 1,
    max: 48,
    unit: 'blocks',
    doc: 'Blocks one after another. gpt-micro has 4 (minGPT, mingpt/model.py).',
  }),
  heads: integer({
    group: 'Model',
    default: 4,
    min: 1,
    max: 64,
    unit: 'heads',
    doc:
      'Attention heads of a block; must divide the width. RWKV-7’s heads are states of width²/heads ' +
      'numbers, published 64 wide; RWKV-4 has none.',
  }),
  width: integer({
    group: 'Model',
    default: 128,
    min: 8,
    max: 4096,
    unit: 'channels',
    doc: 'Width of the residual stream. gpt-micro has 128.',
  }),
  outputMatrix: choice(['as-published', 'tied', 'own'], {
    group: 'Model',
    default: 'as-published',
    doc:
      'What turns the last state into a token. Tied: the token embedding (Press & Wolf 2017), as published ' +
      'for all here but RWKV. Own: a matrix of its own, as in minGPT and RWKV; at 0.8M parameters 0.03 ' +
      'nats a character better.',
  }),
  queryNorm: choice(['off', 'on'], {
    group: 'Model',
    default: 'off',
    doc:
      'PaLM: queries and keys are made length 1 before they meet, times a learned gain, which keeps large ' +
      'models stable (Dehghani et al. 2023).',
  }),
  contextTokens: integer({
    group: 'Model',
    default: 64,
    min: 8,
    max: 4096,
    unit: 'tokens',
    doc: 'Longest text the model can read and write. Attention costs grow with its square.',
  }),
  updates: integer({
    group: 'Length of the run',
    default: 2022,
    min: 1,
    max: 1_000_000,
    unit: 'updates',
    doc: 'Optimizer steps. 2,022 of 64 rows is three passes of the sample text at one text a row.',
  }),
  ...lengthFields,
  batchRows: integer({
    group: 'Batch',
    default: 64,
    min: 1,
    max: 4096,
    unit: 'rows',
    doc: 'Rows of one update, each as long as the context.',
  }),
  ...memoryFields,
  packing: choice(['packed', 'stream', 'one-text-a-row'], {
    group: 'Batch',
    default: 'packed',
    doc:
      'Packed fills each row with whole texts one after another and cuts what is longer than the context. ' +
      'Stream takes rows from anywhere in all texts laid end to end, so that nothing is cut away: for ' +
      'books (nanoGPT). One text a row pads the rest, which trains fewer tokens in the same time.',
  }),
  heldOutFraction: number({
    group: 'Batch',
    default: 0.02,
    min: 0,
    max: 0.5,
    doc: 'Share of the texts that are never trained on and measure the held-out loss.',
  }),
  dropout: number({
    group: 'Optimizer',
    default: 0,
    min: 0,
    max: 0.9,
    unit: 'share',
    doc:
      'Share of the numbers that are set to 0 while training, where tokens enter, in attention’s weights ' +
      'and in what each part adds (Srivastava et al. 2014; minGPT and GPT-2: 0.1). It helps when a text is ' +
      'read many times over, and costs where it is not.',
  }),
  learningRate: number({
    group: 'Optimizer',
    default: 2e-3,
    min: 1e-8,
    max: 1,
    doc:
      'Peak step size of AdamW. 2e-3 with a cosine suits a 0.8M model (minRLHF: 1e-3, constant); one of ' +
      '100M wants about 3e-4.',
  }),
  warmupUpdates: integer({
    group: 'Optimizer',
    default: 100,
    min: 0,
    max: 100_000,
    unit: 'updates',
    doc: 'Updates over which the step size rises to its peak.',
  }),
  finalLearningRateFraction: number({
    group: 'Optimizer',
    default: 0.1,
    min: 0,
    max: 1,
    doc: 'The cosine ends at this share of the peak (Loshchilov & Hutter 2017; nanoGPT uses 0.1).',
  }),
  ...optimizerFields,
} as const

export type PretrainSettings = Infer<typeof pretrainFields>

export const pretrain = {
  name: 'pretrain',
  title: 'Pretrain',
  summary: 'next token on text',
  source: 'Radford et al. 2019; sizes and initialisation as in minGPT',
  group: 'From text',
  runPrefix: 'base',
  makes: 'language-model',
  made: 'pretrained',
  inputs: {
    texts: {
      type: 'dataset',
      label: 'Text',
      doc: 'What it reads. Several datasets are mixed row by row.',
      kinds: ['text', 'labelled', 'demonstrations'],
      usualFor: ['text'],
      isMany: true,
      isRequired: true,
      reads: ['prompt', 'completion'],
      promptsFit: false,
    },
  },
  fields: pretrainFields,
  headline: 'loss/train',
  presets: pretrainPresets,
} as const satisfies Recipe
