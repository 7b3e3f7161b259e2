/** A model file of this studio, of a whole model or of adapters alone. */
import { basename } from 'node:path'
import { adapterFormat, checkBase } from '../adapters/adapter-file'
import { merged } from '../adapters/adapters'
import { loadModel, type LoadedModel } from '../checkpoint'
import { modelFormat, readModelHeader } from '../model-header'
import { refuse, refusingFile } from '../weights/refusal'
import { foreign, type ForeignModel, type ReadFormat } from './format'

export const ownModelFormat: ReadFormat = {
  recognises: async ({ isFolder, statedFormat }) => !isFolder && (await statedFormat()) === modelFormat,
  takesBase: false,
  read: async ({ path }) => found(await loadModel(path), path),
}

export const ownAdapterFormat: ReadFormat = {
  recognises: async ({ isFolder, statedFormat }) => !isFolder && (await statedFormat()) === adapterFormat,
  takesBase: true,
  read: ({ path, base }) => (base === undefined ? mergedAdapter(path) : adapterOn(path, base)),
}

/** By its run's name, its own, or its file's. */
function found({ model, lineage }: LoadedModel, path: string): ForeignModel {
  const { name, ...said } = foreign(model, lineage, basename(path).replace(/\.[^.]+$/, ''))
  return { ...said, name: lineage['run'] ?? name }
}

/**
 * Without a base that is here, adapters are merged with the one that their file names: what is imported
 * stands alone.
 */
async function mergedAdapter(path: string): Promise<ForeignModel> {
  const { model, lineage } = await loadModel(path)
  return found({ model: merged(model), lineage }, path)
}

/** Onto the very model they were trained on, wherever it lies here. */
async function adapterOn(path: string, base: string): Promise<ForeignModel> {
  const { config, base: original } = await readModelHeader(path)
  const chosen = await loadModel(base)
  await refusingFile(path, async () => {
    if (chosen.model.adapters?.length)
      refuse(
        'the chosen base has adapters of its own, and this file holds all that belong to it: choose the ' +
          'model beneath them',
      )
    if (original)
      checkBase(chosen.model, config, original, 'the chosen base is not the model it was trained on: it')
  })
  return found(await loadModel(path, async () => chosen), path)
}
