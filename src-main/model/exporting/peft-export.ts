/** An adapter alone, as Hugging Face's PEFT library loads it. Source: peft, src/peft/utils/save_and_load.py. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { adapterTensors } from '../adapters/adapter-names'
import { huggingFaceFormOf } from '../importing/hugging-face-config'
import { writtenCard, type Terms } from '../importing/model-card'
import { writtenAdapterConfig } from '../importing/peft-config'
import { adapterConfigFile, adapterTensorsFile, peftLayout } from '../importing/peft-folder'
import type { Adapter, LanguageModel } from '../model'
import type { Layout } from '../weights/layout'
import { writeTensors, type SafetensorsNumbers, type WrittenTensor } from '../weights/written-tensors'
import { refuseArchitecture, type WrittenFormat } from './format'
import { safetensorsNumbers, writeJson } from './hugging-face-export'
import { refuseFormat } from './refuse-format'

export const peftExport: WrittenFormat = {
  writing(model, terms, numbers) {
    const { kind, config, adapters = [] } = model
    if (!huggingFaceFormOf(config)) return refuseArchitecture(config, 'huggingFace')
    if (kind === 'reward-model')
      return refuseFormat(
        'holds adapters of language models; a reward model goes to Hugging Face’s format, its adapters ' +
          'merged.',
      )
    const [adapter, ...others] = adapters
    if (!adapter) return refuseFormat('holds an adapter alone, and this model has none.')
    if (others.length > 0)
      return refuseFormat(
        `holds one adapter, and this model has ${adapters.length}: they are merged in Hugging Face’s ` +
          'format.',
      )
    const stored = safetensorsNumbers(numbers)
    return (folder) => writePeftFolder(folder, { ...model, kind }, adapter, { ...terms, numbers: stored })
  },
}

/** @param adapter one of the model's */
async function writePeftFolder(
  folder: string,
  model: LanguageModel,
  adapter: Adapter,
  terms: Terms & { readonly numbers: SafetensorsNumbers },
): Promise<void> {
  const { config, parameters } = model
  const tensors = adapter.projections.flatMap((projection): WrittenTensor[] => {
    const { A, B } = adapterTensors(projection, adapter.name)
    const written = (name: string, layout: Layout): WrittenTensor => ({
      ...layout,
      shape: parameters.spec[name]!,
      data: parameters.view(name),
    })
    return [written(A, peftLayout(projection, 'lora_A')), written(B, peftLayout(projection, 'lora_B'))]
  })
  await writeTensors(folder, adapterTensorsFile, tensors, terms.numbers)
  await writeJson(
    folder,
    adapterConfigFile,
    writtenAdapterConfig(adapter, huggingFaceFormOf(config)?.fanInFanOut ?? false, terms.lineage['base']),
  )
  await writeFile(join(folder, 'README.md'), writtenCard(model, terms, 'peft'))
}
