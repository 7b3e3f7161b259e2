/** How GGUF files have an architecture, as llama.cpp's conversion writes them. */
import type { GgufFile } from '../weights/gguf'
import type { GgufMetadata } from '../weights/gguf-metadata'
import type { ReadLayout } from '../weights/layout'

export interface GgufForm<C> {
  /** Every `general.architecture` that is this architecture. */
  readonly names: readonly string[]
  /** What the metadata says. @throws WeightsError */
  read(metadata: GgufMetadata, file: GgufFile): C
  /** What tensors say beside it; the sizes are checked by then. @throws WeightsError */
  completed(config: C, metadata: GgufMetadata, file: GgufFile): Promise<C>
  /** How a tensor of ours lies in the file. */
  layout(config: C, name: string): ReadLayout
  /** Whether a tensor that is none of the model's may stand in its file. */
  isLeftOver(name: string): boolean
}
