/** A model for other programs: a folder of its own, whole or not there. */
import { StudioFailure } from '../../../src-shared/result'
import type { ExportedModel, ExportFormat } from '../../../src-shared/records/checkpoint'
import { merged } from '../adapters/adapters'
import type { Model } from '../model'
import type { Lineage } from '../model-header'
import { writeHuggingFaceFolder } from './hugging-face-export'
import { writeNewFolder } from '../weights/new-folder'
import { writeOnnxFolder } from './onnx-export'
import { writePeftFolder } from '../importing/peft-folder'

export interface ExportWish {
  readonly format: ExportFormat
  /** Where the folder is made, named after the model. */
  readonly parent: string
  readonly name: string
  readonly licence: string
  readonly lineage: Lineage
}

/** @throws StudioFailure when the model has no such form, the folder is there already, or the disk is full */
export async function exportModel(model: Model, wish: ExportWish): Promise<ExportedModel> {
  const write = writerOf(model, wish)
  return writeNewFolder(wish.parent, wish.name, write)
}

function writerOf(model: Model, wish: ExportWish): (folder: string) => Promise<void> {
  const { config, kind, adapters = [] } = model
  if (kind === 'reward-model' && model.head)
    return refuse(
      'cannot hold a reward model with bins or segments: only plain scores are known to other programs.',
    )
  if (config.architecture !== 'gpt' && config.architecture !== 'llama')
    return refuse(
      `cannot hold a ${config.architecture}: only GPT and Llama are known to other programs. A copy of ` +
        'its checkpoint file is the model whole.',
    )
  const whole = adapters.length > 0 ? merged(model) : model
  switch (wish.format) {
    case 'hugging-face':
      return (folder) => writeHuggingFaceFolder(folder, whole, wish)
    case 'onnx':
      if (kind === 'reward-model')
        return refuse('holds language models only; a reward model goes to Hugging Face’s format.')
      return (folder) => writeOnnxFolder(folder, { ...whole, kind, config }, wish)
    case 'peft': {
      const [adapter, ...others] = adapters
      if (kind === 'reward-model')
        return refuse(
          'holds adapters of language models; a reward model goes to Hugging Face’s format, its adapters ' +
            'merged.',
        )
      if (!adapter) return refuse('holds an adapter alone, and this model has none.')
      if (others.length > 0)
        return refuse(
          `holds one adapter, and this model has ${adapters.length}: they are merged in Hugging Face’s ` +
            'format.',
        )
      return (folder) => writePeftFolder(folder, { ...model, kind }, adapter, wish)
    }
  }
}

const refuse = (problem: string): never => {
  throw new StudioFailure({ kind: 'invalid-input', field: 'format', problem })
}
