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
import { readJsonObject, type JsonObject } from '../weights/json-file'
import { huggingFaceLayout } from './hugging-face-layout'
import { licenceIn } from './model-card'
import { readPretrained, type Pretrained } from './pretrained'
import { pickledFolder } from './refused-formats'
import { architectureOf } from '../model-config'
import { refusingFile } from '../weights/refusal'
import { areEqual, type StoredTensor } from '../weights/stored-tensor'
import { withoutWrappers } from '../weights/wrapped-names'
import { placesOf, type Place } from './tensor-places'
import { withinRows } from './rowless-tokens'
import { readTokenizerFiles } from './tokenizer-files'

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
  const config = await refusingFile(join(path, 'config.json'), () =>
    readJsonObject(join(path, 'config.json')),
  )
  const described = await refusingFile(join(path, 'config.json'), async () => readConfig(config))
  const files = await readTokenizerFiles(path, names)
  const { tokenizer, rowless } = await refusingFile(join(path, 'tokenizer.json'), async () =>
    withinRows(files, described.config.vocabulary),
  )
  const weights = (await openFolderWeights(path, names, single)) ?? refuseWithout(path, names)
  try {
    const tensors = withoutWrappers(weights.tensors)
    const untied = await refusingFile(join(path, weights.said), () => withOwnHead(described, tensors))
    const places = await refusingFile(join(path, weights.said), async () => placesIn(untied, tensors))
    return {
      ...untied,
      places,
      tokenizer,
      tokenizerFile: 'tokenizer.json',
      origin: { config, generation: await generationIn(path, names) },
      lineage: { ...(await factsOf(path, names)), ...headFact(described, untied), ...rowlessFact(rowless) },
      close: weights.close,
    }
  } catch (error) {
    await weights.close()
    throw error
  }
}

const generationFile = 'generation_config.json'

const generationIn = async (path: string, names: readonly string[]): Promise<JsonObject> =>
  names.includes(generationFile) ? readJsonObject(join(path, generationFile)) : {}

function refuseWithout(path: string, names: readonly string[]): never {
  const pickle = names.find((name) => /\.(bin|pt|pth|ckpt)$/.test(name))
  if (pickle !== undefined)
    throw new StudioFailure({ kind: 'refused-file', file: pickle, problem: pickledFolder(path) })
  return refuseFolder(path, `it has no ${single}`)
}

/**
 * A configuration may say that the output matrix is the embedding where the file has another one: the file's is
 * used, as `transformers` does.
 */
async function withOwnHead(
  described: DescribedModel,
  tensors: ReadonlyMap<string, StoredTensor>,
): Promise<DescribedModel> {
  const { kind, config } = described
  const { outputMatrix, embeddings } = architectureOf(config)
  const head = tensors.get(`${outputMatrix}.weight`)
  const table = embeddings.map((name) => tensors.get(name)).find((found) => found !== undefined)
  const isTied = 'isTied' in config && config.isTied
  if (kind === 'reward-model' || !isTied || !head || !table || (await areEqual(head, table))) return described
  return { kind, config: { ...config, isTied: false } }
}

/** For people, in what the model is said to come from. */
const headFact = (said: DescribedModel, read: DescribedModel): Pretrained['lineage'] =>
  said.config === read.config
    ? {}
    : {
        'output matrix': 'its own: the file has another one than the embedding, which config.json says it is',
      }

const rowlessFact = (rowless: readonly string[]): Pretrained['lineage'] =>
  rowless.length === 0
    ? {}
    : {
        'tokens without a row': `${rowless.slice(0, 8).join(' ')}: left out, for the embedding ends before them`,
      }

/** The critic that TRL saves with a policy; whatever writes does not ask it. */
const isHeadOfTrl = (name: string): boolean => /^v_head\.summary\.(weight|bias)$/.test(name)

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
  return placesOf(described, tensors, layoutOf, (name) => isHeadOfTrl(name) || form.isLeftOver(name, config))
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
