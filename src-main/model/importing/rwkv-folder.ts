/**
 * A folder of an RWKV-4 or RWKV-7: one safetensors file as BlinkDL's are converted, or a Hugging Face folder;
 * and its vocabulary.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { StudioFailure } from '../../../src-shared/result'
import type { ReadFormat } from './format'
import { checkOnly, count } from './json-fields'
import { factsOf, refuseFolder } from './hugging-face-folder'
import { openFolderWeights, type FolderWeights } from '../weights/folder-weights'
import { readJsonObject, readText, type JsonObject } from '../weights/json-file'
import { readPretrained, type Pretrained } from './pretrained'
import { pickledFile } from './refused-formats'
import { refusingFile } from '../weights/refusal'
import {
  isUnusedByRwkv7,
  rwkvConfigOf,
  rwkvLayoutOf,
  withPlainVectors,
  type RwkvLayout,
} from './rwkv-layouts'
import { placesOf } from './tensor-places'
import { checkTokenizer, readTokenizerFiles } from './tokenizer-files'

export const rwkvFormat: ReadFormat = {
  recognises: async ({ path, isFolder, names }) =>
    isFolder && (looksLikeRwkv(names) || (names.includes('config.json') && (await isOfRwkv(path)))),
  takesBase: false,
  read: async ({ path, signal }) => readPretrained(await openRwkvFolder(path), signal),
}

/** By the folder's config.json; whatever is wrong with that file is said when it is read. */
async function isOfRwkv(path: string): Promise<boolean> {
  const json = await readJsonObject(join(path, 'config.json')).catch((): JsonObject => ({}))
  return String(json['model_type']).startsWith('rwkv')
}

const vocabularyFile = /^rwkv_vocab.*\.txt$/
/** GPT-NeoX's, under the name that it has beside the models of the Pile. */
const pileTokenizer = '20B_tokenizer.json'

/** Whether a folder is meant, by its files' names. */
export const looksLikeRwkv = (names: readonly string[]): boolean =>
  names.some((name) => vocabularyFile.test(name)) ||
  (!names.includes('config.json') && names.some((name) => /^rwkv.*\.(safetensors|pth)$/i.test(name)))

/**
 * Reads everything but the numbers. The caller closes it.
 * @throws StudioFailure `refused-file`, naming the file, the tensor and what was expected
 */
export async function openRwkvFolder(path: string): Promise<Pretrained> {
  const names = await readdir(path)
  const json = names.includes('config.json') ? await readJsonObject(join(path, 'config.json')) : {}
  const weights = await openWeights(path, names)
  try {
    const layout = await refusingFile(weights.said, async () => rwkvLayoutOf(weights.tensors))
    const contextTokens = await refusingFile('config.json', async () => contextIn(json, layout, weights.said))
    const described = await refusingFile(weights.said, async () =>
      describedRwkv(layout, weights.tensors, contextTokens),
    )
    const tokenizer = await tokenizerIn(path, names, described.config.vocabulary)
    return {
      ...described,
      ...tokenizer,
      lineage: { ...(await factsOf(path, names)), source: 'RWKV folder' },
      close: weights.close,
    }
  } catch (error) {
    await weights.close()
    throw error
  }
}

async function openWeights(path: string, names: readonly string[]): Promise<FolderWeights> {
  const files = names.filter((name) => name.endsWith('.safetensors'))
  const hasUsualName = ['model.safetensors', 'model.safetensors.index.json'].some((name) =>
    names.includes(name),
  )
  const single = hasUsualName ? 'model.safetensors' : (files[0] ?? '')
  if (!hasUsualName && files.length > 1)
    refuseFolder(
      path,
      `it holds ${files.length} safetensors files: leave one model in a folder, with its vocabulary`,
    )
  const pickle = names.find((name) => /\.(pth|pt|bin)$/.test(name))
  const opened = await openFolderWeights(path, names, single)
  if (!opened && pickle !== undefined)
    throw new StudioFailure({ kind: 'refused-file', file: pickle, problem: pickledFile(join(path, pickle)) })
  return opened ?? refuseFolder(path, 'it has no safetensors file')
}

/** @throws WeightsError naming the tensor and what was expected */
export function describedRwkv(
  layout: RwkvLayout,
  tensors: FolderWeights['tensors'],
  contextTokens: number,
): Pick<Pretrained, 'kind' | 'config' | 'places'> {
  const stored = withPlainVectors(tensors)
  const config = rwkvConfigOf(layout, stored, contextTokens)
  const kind = 'language-model'
  return { kind, config, places: placesOf({ kind, config }, stored, layout.of, isUnusedByRwkv7) }
}

/**
 * Nothing in the network bounds a text: it is how long those were that it was trained on. BlinkDL's names say
 * it, "…-ctx4096"; else it is what World models began with.
 * @throws WeightsError naming the field of config.json that cannot be followed
 */
function contextIn(json: JsonObject, { only }: RwkvLayout, file: string): number {
  checkOnly(json, only)
  const field = ['context_length', 'max_position_embeddings'].find((field) => json[field] !== undefined)
  if (field !== undefined) return count(json, field)
  const [, digits, thousands] = /[-_]ctx(\d{1,6})(k?)/i.exec(file) ?? []
  return digits === undefined || Number(digits) === 0 ? 4096 : Number(digits) * (thousands ? 1024 : 1)
}

async function tokenizerIn(
  path: string,
  names: readonly string[],
  vocabulary: number,
): Promise<Pick<Pretrained, 'tokenizer' | 'tokenizerFile'>> {
  const file =
    names.find((name) => vocabularyFile.test(name)) ??
    ['tokenizer.json', pileTokenizer].find((name) => names.includes(name)) ??
    refuseFolder(
      path,
      `it has neither rwkv_vocab_v20230424.txt (World models) nor ${pileTokenizer} or tokenizer.json ` +
        '(others), and without its vocabulary the model’s numbers stand for nothing',
    )
  if (vocabularyFile.test(file))
    return {
      tokenizer: {
        type: 'rwkv',
        vocabulary: await refusingFile(join(path, file), () => readText(join(path, file))),
      },
      tokenizerFile: file,
    }
  const tokenizer =
    file === pileTokenizer
      ? { tokenizer: await readJsonObject(join(path, file)), config: {} }
      : await readTokenizerFiles(path, names)
  await refusingFile(join(path, file), async () => checkTokenizer(tokenizer, vocabulary))
  return { tokenizer, tokenizerFile: file }
}
