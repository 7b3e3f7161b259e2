/** An adapter alone, as Hugging Face's PEFT library loads it. Source: peft, src/peft/utils/save_and_load.py. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { adapterTensors } from '../adapters/adapter-names'
import { withoutAdapters } from '../adapters/adapters'
import { huggingFaceFormOf } from '../importing/hugging-face-config'
import { writtenCard, type Terms } from '../importing/model-card'
import { writtenAdapterConfig } from '../importing/peft-config'
import { adapterConfigFile, adapterTensorsFile, peftLayout } from '../importing/peft-layout'
import { bothNames } from '../importing/peft-renamed'
import type { Adapter, LanguageModel, Model } from '../model'
import type { Layout } from '../weights/layout'
import { folderName } from '../weights/new-folder'
import { writeTensors, type SafetensorsNumbers, type WrittenTensor } from '../weights/written-tensors'
import { refuseArchitecture, type WrittenFormat } from './format'
import { huggingFaceExport, safetensorsNumbers, writeJson, writeTokenizer } from './hugging-face-export'
import { refuseFormat } from './refuse-format'
import { writtenTokenizer } from './written-tokenizer'

export const peftExport: WrittenFormat = {
  writing(model, terms, numbers) {
    const adapted = adaptedModel(model)
    const stored = safetensorsNumbers(numbers)
    const madeFor = terms.lineage['base']
    return (folder) => writePeftFolder(folder, adapted, { terms, numbers: stored, madeFor })
  },
}

/** The same with the base in a folder inside, where `AutoPeftModel` finds it. */
export const peftWithBaseExport: WrittenFormat = {
  writing(model, terms, numbers) {
    const adapted = adaptedModel(model)
    const stored = safetensorsNumbers(numbers)
    const writeBase = huggingFaceExport.writing(withoutAdapters(adapted.model), terms, numbers)
    const madeFor = join(terms.parent, folderName(terms.name), baseFolder)
    return async (folder) => {
      await mkdir(join(folder, baseFolder))
      await writeBase(join(folder, baseFolder))
      await writePeftFolder(folder, adapted, { terms, numbers: stored, madeFor })
    }
  },
}

const baseFolder = 'base'

interface AdaptedModel {
  readonly model: LanguageModel
  readonly adapters: readonly [Adapter, ...Adapter[]]
}

/** @throws StudioFailure when PEFT has nothing like it */
function adaptedModel(model: Model): AdaptedModel {
  const { kind, config, adapters = [] } = model
  const form = huggingFaceFormOf(config)
  if (!form) return refuseArchitecture(config, 'huggingFace')
  if (form.published)
    return refuseFormat('holds no adapters of an RWKV: they are merged in Hugging Face’s format.')
  if (kind === 'reward-model')
    return refuseFormat(
      'holds adapters of language models; a reward model goes to Hugging Face’s format, its adapters merged.',
    )
  const [first, ...others] = adapters
  if (!first) return refuseFormat('holds an adapter alone, and this model has none.')
  const projections = adapters.flatMap((adapter) => adapter.projections)
  const isOne =
    new Set(projections).size === projections.length &&
    others.every(({ scaling, dropout }) => scaling === first.scaling && dropout === first.dropout)
  return isOne
    ? { model: { ...model, kind }, adapters: [first, ...others] }
    : refuseFormat(
        `holds one adapter, and this model has ${adapters.length} that stand on each other: they are merged in ` +
          'Hugging Face’s format.',
      )
}

interface Written {
  readonly terms: Terms
  readonly numbers: SafetensorsNumbers
  /** What the base is called, or where it lies. */
  readonly madeFor: string | undefined
}

/** Adapters on projections of their own are one to PEFT, with ranks and alphas by name. */
async function writePeftFolder(
  folder: string,
  { model, adapters }: AdaptedModel,
  { terms, numbers, madeFor }: Written,
): Promise<void> {
  const { config, parameters } = model
  const { fanInFanOut: isConv = false, renamed } = huggingFaceFormOf(config) ?? {}
  const tensors = adapters.flatMap(({ name, projections }) =>
    projections.flatMap((projection): WrittenTensor[] => {
      const { A, B } = adapterTensors(projection, name)
      const written = (own: string, layout: Layout): WrittenTensor => ({
        ...layout,
        shape: parameters.spec[own]!,
        data: parameters.view(own),
      })
      return bothNames(projection, renamed).flatMap((named) => [
        written(A, peftLayout(named, 'lora_A')),
        written(B, peftLayout(named, 'lora_B')),
      ])
    }),
  )
  await writeTensors(folder, adapterTensorsFile, tensors, numbers)
  const named = adapters.map((adapter) => ({
    ...adapter,
    projections: adapter.projections.flatMap((each) => bothNames(each, renamed)),
  }))
  await writeJson(folder, adapterConfigFile, writtenAdapterConfig(named, isConv, madeFor))
  await writeTokenizer(folder, model, writtenTokenizer(model.tokenizer))
  await writeFile(join(folder, 'README.md'), writtenCard(model, terms, 'peft'))
}
