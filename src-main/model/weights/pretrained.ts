/** A model that others made, described: what it is and where each of its numbers stands, none of them read yet. */
import type { Lineage } from '../model-header'
import type { DescribedModel } from './hugging-face-config'
import type { Place } from './tensor-places'
import type { TokenizerFiles } from './tokenizer-files'

export interface Pretrained extends DescribedModel {
  /** Of each tensor, by our names. */
  readonly places: ReadonlyMap<string, Place>
  readonly tokenizer: TokenizerFiles
  /** Name, licence, and where it was found. */
  readonly lineage: Lineage
  close(): Promise<void>
}
