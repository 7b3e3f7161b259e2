/** An adapter of Hugging Face's PEFT library, on a model of the library here. */
import { basename } from 'node:path'
import { StudioFailure } from '../../../src-shared/result'
import { loadModel } from '../checkpoint'
import { foreign, type ForeignModel, type ReadFormat, type ReadWish } from './format'
import { readDescription, readPeftFolder } from './peft-folder'
import { adapterConfigFile } from './peft-layout'
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
  const { model: adapted, lineage, name } = await readPeftFolder(path, model, () => stopIf(signal))
  return foreign(adapted, lineage, name)
}

function refuseWithoutBase(path: string, madeFor: string | undefined): never {
  const meant = madeFor === undefined ? '' : `, made for “${madeFor}”`
  throw new StudioFailure({
    kind: 'refused-file',
    file: basename(path),
    problem: `it is an adapter alone${meant}: say which model of the library it stands on`,
  })
}
