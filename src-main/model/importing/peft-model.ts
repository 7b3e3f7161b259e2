/** An adapter of Hugging Face's PEFT library, on a model of the library here. */
import { basename } from 'node:path'
import { StudioFailure } from '../../../src-shared/result'
import { withAdapters } from '../adapters/adapters'
import { loadModel } from '../checkpoint'
import type { LanguageModel } from '../model'
import { foreign, type ForeignModel, type ReadFormat, type ReadWish } from './format'
import { adapterConfigFile, readDescription, readPeftFolder } from './peft-folder'
import { stopIf } from './pretrained'

export const peftFormat: ReadFormat = {
  recognises({ isFolder, names }) {
    const isModel = names.includes('config.json') && names.some((name) => /^model.*\.safetensors$/.test(name))
    return isFolder && names.includes(adapterConfigFile) && !isModel
  },
  takesBase: true,
  read,
}

async function read({ path, base, signal }: ReadWish): Promise<ForeignModel> {
  const { madeFor } = await readDescription(path)
  if (base === undefined) return refuseWithoutBase(path, madeFor)
  const { model } = await loadModel(base)
  if (model.kind === 'reward-model')
    throw new StudioFailure({
      kind: 'invalid-input',
      field: 'base',
      problem: 'is a reward model; PEFT’s adapters are read onto language models.',
    })
  const { adapter, own, lineage } = await readPeftFolder(path, model, () => stopIf(signal))
  const adapted: LanguageModel = {
    ...model,
    parameters: withAdapters(model.parameters, [adapter], own),
    adapters: [...(model.adapters ?? []), adapter],
  }
  return foreign(adapted, lineage, adapter.name)
}

function refuseWithoutBase(path: string, madeFor: string | undefined): never {
  const meant = madeFor === undefined ? '' : `, made for “${madeFor}”`
  throw new StudioFailure({
    kind: 'refused-file',
    file: basename(path),
    problem: `it is an adapter alone${meant}: say which model of the library it stands on`,
  })
}
