/** What a format of models is to the import: a row of `formats.ts`. */
import type { Model } from '../model'
import type { Lineage } from '../model-header'

/** A model from elsewhere. */
export interface ForeignModel {
  readonly model: Model
  /** What it calls itself, else the name of its file or folder. */
  readonly name: string
  /** Terms of use where the file says them: "apache-2.0"; else empty. */
  readonly licence: string
  readonly lineage: Lineage
}

/** What lies at a path, by a look at its outside. */
export interface Lying {
  readonly path: string
  readonly isFolder: boolean
  /** Files in the folder, or beside the file. */
  readonly names: readonly string[]
  /** The first bytes of a file. */
  readonly start: Uint8Array
  /**
   * What a safetensors file says that it is; undefined of one that says nothing, and of all others.
   * @throws WeightsError when it is called so and is none
   */
  statedFormat(): Promise<string | undefined>
}

export interface ReadWish {
  readonly path: string
  /** File of the model that an adapter stands on. */
  readonly base: string | undefined
  readonly signal: AbortSignal
}

export interface ReadFormat {
  /** Whether it is what lies there. @throws WeightsError when it is, and cannot be read for a reason to be seen */
  recognises(lying: Lying): boolean | Promise<boolean>
  /** Whether a model beneath it may be named. */
  readonly takesBase: boolean
  /** @throws StudioFailure refused-file, naming the file and what is wrong with it; cancelled */
  read(wish: ReadWish): Promise<ForeignModel>
}

/** What a lineage says of a model's name and terms. */
export const foreign = (model: Model, lineage: Lineage, name: string): ForeignModel => ({
  model,
  lineage,
  name: lineage['name'] ?? name,
  licence: lineage['licence'] ?? '',
})
