/** A model for other programs: a folder of its own, whole or not there. */
import {
  numbersOfFormat,
  type ExportedModel,
  type ExportFormat,
  type ExportNumbers,
} from '../../../src-shared/records/checkpoint'
import { StudioFailure } from '../../../src-shared/result'
import { listed } from '../../../src-shared/words'
import type { Model } from '../model'
import { writeNewFolder } from '../weights/new-folder'
import type { NewFolder } from './format'
import { writtenFormats } from './formats'
import { refuseFormat } from './refuse-format'

export interface ExportWish extends NewFolder {
  readonly format: ExportFormat
  /** How numbers are stored; as the form has them first unless said. */
  readonly numbers?: ExportNumbers | undefined
}

/** @throws StudioFailure when the model has no such form, the folder is there already, or the disk is full */
export async function exportModel(model: Model, wish: ExportWish): Promise<ExportedModel> {
  if (model.kind === 'reward-model' && model.head)
    refuseFormat(
      'cannot hold a reward model with bins, several heads, steps or ' +
        'segments: only plain scores are known to other programs.',
    )
  const writing = writtenFormats[wish.format].writing(model, wish, numbersIn(wish))
  return writeNewFolder(wish.parent, wish.name, writing)
}

function numbersIn({ format, numbers }: ExportWish): ExportNumbers {
  const known = numbersOfFormat[format]
  if (numbers === undefined) return known[0]!
  if (known.includes(numbers)) return numbers
  throw new StudioFailure({
    kind: 'invalid-input',
    field: 'numbers',
    problem: `must be ${listed(known, 'or')} in the form ${format}, not ${numbers}`,
  })
}
