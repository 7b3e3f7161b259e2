/**
 * A folder as Hugging Face's libraries write it: config.json, weights in one or several safetensors files,
 * the tokenizer's files.
 */
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { StudioFailure } from '../../../src-shared/result'
import { openFolderWeights } from '../weights/folder-weights'
import type { ReadFormat } from './format'
import { huggingFaceFormOf, readConfig, type DescribedModel } from './hugging-face-config'
import { readJsonObject } from '../weights/json-file'
import { huggingFaceLayout } from './hugging-face-layout'
import { licenceIn } from './model-card'
import { readPretrained, type Pretrained } from './pretrained'
import { pickledFolder } from './refused-formats'
import { refusingFile } from '../weights/refusal'
import type { StoredTensor } from '../weights/stored-tensor'
import { placesOf, type Place } from './tensor-places'
import { checkTokenizer, readTokenizerFiles } from './tokenizer-files'

/** Takes every folder, and says what it lacks. */
export const huggingFaceFormat: ReadFormat = {
  recognises: ({ isFolder }) => isFolder,
  takesBase: false,
  read: async ({ path, signal }) => readPretrained(await openHuggingFaceFolder(path), signal),
}

const single = 'model.safetensors'

/**
 * Reads everything but the numbers. The caller closes it.
 * @throws StudioFailure `refused-file`, naming the file, the tensor and what was expected
 */
export async function openHuggingFaceFolder(path: string): Promise<Pretrained> {
  const names = await refusingFile(path, () => readdir(path))
  if (!names.includes('config.json')) refuseFolder(path, 'it has no config.json')
  const described = await refusingFile(join(path, 'config.json'), async () =>
    readConfig(await readJsonObject(join(path, 'config.json'))),
  )
  const tokenizer = await readTokenizerFiles(path, names)
  await refusingFile(join(path, 'tokenizer.json'), async () =>
    checkTokenizer(tokenizer, described.config.vocabulary),
  )
  const weights = (await openFolderWeights(path, names, single)) ?? refuseWithout(path, names)
  try {
    const places = await refusingFile(join(path, weights.said), async () =>
      placesIn(described, weights.tensors),
    )
    return {
      ...described,
      places,
      tokenizer,
      tokenizerFile: 'tokenizer.json',
      lineage: await factsOf(path, names),
      close: weights.close,
    }
  } catch (error) {
    await weights.close()
    throw error
  }
}

function refuseWithout(path: string, names: readonly string[]): never {
  const pickle = names.find((name) => /\.(bin|pt|pth|ckpt)$/.test(name))
  if (pickle !== undefined)
    throw new StudioFailure({ kind: 'refused-file', file: pickle, problem: pickledFolder(path) })
  return refuseFolder(path, `it has no ${single}`)
}

/** Some files were saved without the word that stands before every name. */
function placesIn(
  described: DescribedModel,
  tensors: ReadonlyMap<string, StoredTensor>,
): ReadonlyMap<string, Place> {
  const { config } = described
  const form = huggingFaceFormOf(config)
  if (!form) throw new Error(`a ${config.architecture} is no model of Hugging Face’s library`)
  const prefix = form.prefix(config)
  const isBare = [...tensors.keys()].every((name) => !name.startsWith(prefix))
  const layoutOf = (name: string) =>
    huggingFaceLayout(form, isBare && name.startsWith(prefix) ? name.slice(prefix.length) : name)
  return placesOf(described, tensors, layoutOf, (name) => form.isLeftOver(name, config))
}

/** What a folder says of its model beside the numbers. */
export async function factsOf(path: string, names: readonly string[]): Promise<Pretrained['lineage']> {
  const licence = await licenceIn(path, names)
  return { name: nameOf(path), source: 'Hugging Face folder', ...(licence !== undefined && { licence }) }
}

/**
 * What a folder calls its model. Hugging Face's own cache names its folders after the model:
 * models--ORGANISATION--MODEL/snapshots/COMMIT.
 */
export function nameOf(path: string): string {
  const [, cached] = /models--(.+)[\\/]snapshots[\\/][^\\/]+$/.exec(path) ?? []
  return cached?.replaceAll('--', '/') ?? basename(path)
}

/** @throws StudioFailure */
export const refuseFolder = (path: string, problem: string): never => {
  throw new StudioFailure({ kind: 'refused-file', file: basename(path), problem })
}
