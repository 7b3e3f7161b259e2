/** A model for other programs: a folder of its own, whole or not there. */
import { StudioFailure } from '../../../src-shared/result'
import type { ExportedModel, ExportFormat } from '../../../src-shared/records'
import type { Model } from '../model'
import type { Lineage } from '../model-header'

export interface ExportWish {
  readonly format: ExportFormat
  /** Where the folder is made, named after the model. */
  readonly parent: string
  readonly name: string
  readonly licence: string
  readonly lineage: Lineage
}

/** @throws StudioFailure when the model has no such form, the folder is there already, or the disk is full */
export async function exportModel(model: Model, { format }: ExportWish): Promise<ExportedModel> {
  throw new StudioFailure({ kind: 'invalid-input', field: 'format', problem: `${format} cannot hold a ${model.config.architecture}.` })
}
