/** What a format of exports is: a row of `formats.ts`. */
import type { ExportNumbers } from '../../../src-shared/records/checkpoint'
import { listed } from '../../../src-shared/words'
import { architectures } from '../architectures/architectures'
import type { Terms } from '../importing/model-card'
import type { Model, ModelConfig } from '../model'
import { refuseFormat } from './refuse-format'

/** Fills a new folder. */
export type Writing = (folder: string) => Promise<void>

export interface NewFolder extends Terms {
  /** Where the folder is made, named after the model. */
  readonly parent: string
}

export interface WrittenFormat {
  /** @throws StudioFailure when the model has no such form */
  writing(model: Model, terms: NewFolder, numbers: ExportNumbers): Writing
}

/** @throws StudioFailure: only architectures with that form are known to other programs */
export function refuseArchitecture(
  { architecture }: ModelConfig,
  form: 'huggingFace' | 'onnx' | 'ggufNetwork',
): never {
  const known = Object.values(architectures)
    .filter((row) => row[form] !== undefined)
    .map(({ title }) => title)
  return refuseFormat(
    `cannot hold a ${architecture}: only ${listed(known, 'and')} are known to other programs. A copy of ` +
      'its checkpoint file is the model whole.',
  )
}
