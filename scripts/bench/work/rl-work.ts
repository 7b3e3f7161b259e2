/**
 * What the benches of fine-tuning and reinforcement learning work on: models with random weights of the sizes that
 * people train, and texts of the lengths that people bring.
 */
import { readExamples } from '../../../src-main/data/import-file'
import { demonstrations, type Demonstration, type PreferencePair } from '../../../src-main/data/training-data'
import { normal, seeded } from '../../../src-main/maths/random'
import { createLanguageModel } from '../../../src-main/model/language-model'
import type { LanguageModel, ModelConfig, Tokenizer } from '../../../src-main/model/model'
import { trainCharacterTokenizer } from '../../../src-main/model/tokenizers/character'
import { gpt2Tokenizer } from '../../../src-main/model/tokenizers/gpt2'
import { works } from './work'

interface Start {
  readonly config: ModelConfig
  readonly tokenizer: () => Tokenizer
}

/** 95 characters from the space on: with the end token the 96 tokens of the small work. */
const printable = String.fromCodePoint(...Array.from({ length: 95 }, (_, index) => 32 + index))

const starts = {
  /** Room for a begin token before 64 drawn ones in programs that read the last one, too. */
  small: {
    config: { ...works.small.config, contextTokens: 72 },
    tokenizer: () => trainCharacterTokenizer([printable]),
  },
  gpt2: { config: works.gpt2.config, tokenizer: gpt2Tokenizer },
  /** The shape of SmolLM2-135M, with GPT-2's vocabulary, which is 2 % larger than its own. */
  smollm: {
    config: {
      architecture: 'llama',
      layers: 30,
      heads: 9,
      keyValueHeads: 3,
      headWidth: 64,
      width: 576,
      innerWidth: 1536,
      contextTokens: 2048,
      vocabulary: 50_257,
      normEpsilon: 1e-5,
      ropeBase: 100_000,
      ropeScaling: { type: 'none' },
      isTied: true,
      hasBiases: false,
      hasOutputBias: false,
      hasInnerBiases: false,
    },
    tokenizer: gpt2Tokenizer,
  },
} as const satisfies Record<string, Start>

export type StartName = keyof typeof starts

/** What is measured: which model on what, the same for every peer. */
export interface RlWay {
  readonly start: StartName
  /** As `startOf` takes it. */
  readonly endLogit?: number
  /** LoRA of rank 8 on what the attention projects. */
  readonly hasAdapter?: boolean
  /** Results are computed again instead of kept: by us, by TRL. */
  readonly recomputes?: boolean
  readonly theirsRecomputes?: boolean
  /** Of a rollout of PPO. */
  readonly completions?: number
  readonly maxTokens?: number
  readonly epochs?: number
  /** Of the Devil's Dictionary, in fine-tuning. */
  readonly demonstrations?: number
  /** Of DPO: of one length where that is said, else of a long tail. */
  readonly pairs?: number
  readonly pairTokens?: number
  /** Demonstrations or pairs of an update. */
  readonly batch?: number
}

/**
 * @param endLogit added to the end token's logit in every state (through the last norm's bias, which a GPT has):
 *   texts of the small work never end with −30, and have 20 tokens on average with 1.6
 */
export function startOf(name: StartName, endLogit = 0): LanguageModel {
  const { config, tokenizer } = starts[name]
  const model = createLanguageModel(config, tokenizer(), seeded('bench', 'weights'))
  if (endLogit !== 0) {
    const { parameters, tokenizer } = model
    const end = tokenizer.endToken
    const row = parameters.view('transformer.wte.weight').slice(end * config.width, (end + 1) * config.width)
    const square = row.reduce((sum, each) => sum + each * each, 0)
    parameters.view('transformer.ln_f.bias').set(row.map((each) => (endLogit * each) / square))
  }
  return model
}

/** Definitions of the Devil's Dictionary. */
export async function definitions(count: number): Promise<readonly Demonstration[]> {
  const found: Demonstration[] = []
  for await (const { examples } of readExamples('resources/datasets/devils-dictionary-qa.jsonl'))
    found.push(...demonstrations(examples))
  return found.slice(0, count)
}

/** One token of GPT-2 each. */
const words = [' the', ' a', ' of', ' and', ' to', ' in', ' is', ' that', ' it', ' was', ' for', ' on']

/** ln of the median length, and the deviation with which the 99th percentile is 1,500 tokens: ln 7.5 / 2.326. */
const tail = { median: Math.log(200), deviation: Math.log(7.5) / 2.326 }

/** Texts of one length, or of a long tail: median 200 tokens, 99th percentile 1,500. */
export function pairsOf({ pairs = 0, pairTokens }: RlWay): readonly PreferencePair[] {
  const random = seeded('bench', 'pairs')
  const text = (tokens: number): string =>
    Array.from({ length: tokens }, () => words[Math.floor(random() * words.length)]).join('')
  const drawn = (): number => Math.max(4, Math.round(Math.exp(tail.median + tail.deviation * normal(random))))
  const length = pairTokens === undefined ? drawn : (): number => pairTokens
  return Array.from({ length: pairs }, () => ({
    prompt: '',
    chosen: text(length()),
    rejected: text(length()),
    margin: 1,
  }))
}
