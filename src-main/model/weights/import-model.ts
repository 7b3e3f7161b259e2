/** A model from elsewhere: recognised by what lies at the path, read whole, checked. */
import { basename } from 'node:path'
import { loadModel } from '../checkpoint'
import type { Model } from '../model'
import type { Lineage } from '../model-header'

export interface ForeignModel {
  readonly model: Model
  /** What it calls itself, else the name of its file or folder. */
  readonly name: string
  /** Terms of use where the file says them: "apache-2.0"; else empty. */
  readonly licence: string
  readonly lineage: Lineage
}

/**
 * @param path a model file of this studio
 * @throws StudioFailure refused-file, saying what is wrong with it
 */
export async function importModel(path: string, signal: AbortSignal): Promise<ForeignModel> {
  signal.throwIfAborted()
  const { model, lineage } = await loadModel(path)
  return { model, lineage, name: lineage['run'] ?? basename(path).replace(/\.[^.]+$/, ''), licence: lineage['licence'] ?? '' }
}
