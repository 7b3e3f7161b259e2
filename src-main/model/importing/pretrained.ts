/**
 * A model that others made: described first, what it is and where each of its numbers stands, none of them read
 * yet; then read whole.
 */
import { StudioFailure } from '../../../src-shared/result'
import type { Origin } from '../model'
import type { Lineage } from '../model-header'
import { huggingFaceTokenizer } from '../tokenizers/hugging-face'
import { rwkvTokenizer } from '../tokenizers/rwkv'
import type { RwkvDefinition, Tokenizer } from '../tokenizers/tokenizer'
import { specOf } from '../trunk-parameters'
import { believed, refuse, refusingFile } from '../weights/refusal'
import { foreign, type ForeignModel } from './format'
import type { DescribedModel } from './hugging-face-config'
import { readPlaces, type Place } from './tensor-places'
import type { TokenizerFiles } from './tokenizer-files'

export interface Pretrained extends DescribedModel {
  /** Of each tensor, by our names. */
  readonly places: ReadonlyMap<string, Place>
  readonly tokenizer: TokenizerFiles | RwkvDefinition
  /** The file to name when the tokenizer is wrong. */
  readonly tokenizerFile: string
  /** What its folder said of it, if it is one. */
  readonly origin?: Origin
  /** Name, licence, and where it was found. */
  readonly lineage: Lineage
  close(): Promise<void>
}

/** Reads all numbers and closes it. @throws StudioFailure refused-file; cancelled */
export async function readPretrained(pretrained: Pretrained, signal: AbortSignal): Promise<ForeignModel> {
  const { kind, config, lineage, origin } = pretrained
  try {
    const tokenizer = await refusingFile(pretrained.tokenizerFile, async () => tokenizerOf(pretrained))
    const parameters = await readPlaces(specOf(kind, config), pretrained.places, () => stopIf(signal))
    if (kind === 'reward-model') parameters.view('score.bias')[0] = pretrained.scoreOffset ?? 0
    return foreign({ kind, config, tokenizer, parameters, ...(origin && { origin }) }, lineage, '')
  } finally {
    await pretrained.close()
  }
}

/** @throws StudioFailure cancelled */
export function stopIf(signal: AbortSignal): void {
  if (signal.aborted) throw new StudioFailure({ kind: 'cancelled' })
}

function tokenizerOf({ tokenizer: stored, config }: Pretrained): Tokenizer {
  const tokenizer = believed(() => ('type' in stored ? rwkvTokenizer(stored) : tokenizerIn(stored)))
  if (tokenizer.vocabulary > config.vocabulary)
    refuse(
      `its tokenizer has ${tokenizer.vocabulary} tokens, and the model’s embedding ${config.vocabulary} rows`,
    )
  return tokenizer
}

export const tokenizerIn = (files: TokenizerFiles): Tokenizer =>
  huggingFaceTokenizer({
    type: 'hugging-face',
    ...files,
    prompts: files.config['chat_template'] === undefined ? 'plain' : 'chat',
  })
