/**
 * A model that others made, described: what it is and where each of its numbers stands, none of them read
 * yet.
 */
import type { Lineage } from '../model-header'
import type { RwkvDefinition } from '../tokenizers/tokenizer'
import type { DescribedModel } from './hugging-face-config'
import type { Place } from './tensor-places'
import type { TokenizerFiles } from './tokenizer-files'

export interface Pretrained extends DescribedModel {
  /** Of each tensor, by our names. */
  readonly places: ReadonlyMap<string, Place>
  readonly tokenizer: TokenizerFiles | RwkvDefinition
  /** The file to name when the tokenizer is wrong. */
  readonly tokenizerFile: string
  /** Name, licence, and where it was found. */
  readonly lineage: Lineage
  close(): Promise<void>
}
