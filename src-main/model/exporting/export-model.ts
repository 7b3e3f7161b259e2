/** A model for other programs: a folder of its own, whole or not there. */
import type { ExportedModel, ExportFormat } from '../../../src-shared/records/checkpoint'
import type { Terms } from '../importing/model-card'
import type { Model } from '../model'
import { writeNewFolder } from '../weights/new-folder'
import { refuseFormat } from './format'
import { writtenFormats } from './formats'

export interface ExportWish extends Terms {
  readonly format: ExportFormat
  /** Where the folder is made, named after the model. */
  readonly parent: string
}

/** @throws StudioFailure when the model has no such form, the folder is there already, or the disk is full */
export async function exportModel(model: Model, wish: ExportWish): Promise<ExportedModel> {
  if (model.kind === 'reward-model' && model.head)
    refuseFormat(
      'cannot hold a reward model with bins, several heads or segments: only plain scores are known to other programs.',
    )
  return writeNewFolder(wish.parent, wish.name, writtenFormats[wish.format].writing(model, wish))
}
