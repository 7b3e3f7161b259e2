/**
 * A GGUF file as llama.cpp's conversion writes it: its metadata as a configuration, its tensors by our names.
 * Source: llama.cpp, gguf-py/gguf/constants.py and tensor_mapping.py; convert_hf_to_gguf.py.
 */
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { architectures } from '../architectures/architectures'
import { checkConfig } from '../model-config'
import type { ModelConfig } from '../model'
import { openByteFile } from '../weights/byte-file'
import { readGguf, type GgufFile } from '../weights/gguf'
import { ggufMetadata, type GgufMetadata } from '../weights/gguf-metadata'
import { believed, refuse, refusingFile } from '../weights/refusal'
import type { ReadFormat } from './format'
import type { GgufForm } from './gguf-form'
import { tokenizerOfGguf } from './gguf-tokenizer'
import { readPretrained, type Pretrained } from './pretrained'
import { placesOf } from './tensor-places'
import { checkTokenizer } from './tokenizer-files'

export const ggufFormat: ReadFormat = {
  recognises: ({ isFolder, names, start }) =>
    isFolder ? isThereForOneFile(names) : Buffer.from(start.subarray(0, 4)).toString('latin1') === 'GGUF',
  takesBase: false,
  read: async ({ path, signal }) => readPretrained(await openGguf(await fileAt(path)), signal),
}

const isGguf = (name: string): boolean => name.endsWith('.gguf')

/** @throws WeightsError when there are several to choose from */
function isThereForOneFile(names: readonly string[]): boolean {
  const files = names.filter(isGguf)
  if (names.includes('config.json') || names.includes('adapter_config.json') || files.length === 0)
    return false
  return files.length === 1 || refuse(`it holds ${files.length} GGUF files: choose one of them`)
}

async function fileAt(path: string): Promise<string> {
  if (!(await stat(path)).isDirectory()) return path
  return join(path, (await readdir(path)).find(isGguf) ?? '')
}

/**
 * Reads everything but the numbers. The caller closes it.
 * @throws StudioFailure `refused-file`, naming the tensor and what was expected
 */
export async function openGguf(path: string): Promise<Pretrained> {
  return refusingFile(path, async () => {
    const file = await openByteFile(path)
    try {
      return await describedGguf(path, await readGguf(file), () => file.close())
    } catch (error) {
      await file.close()
      throw error
    }
  })
}

/** @throws WeightsError naming the tensor or the metadata, and what was expected */
export async function describedGguf(
  path: string,
  file: GgufFile,
  close: Pretrained['close'],
): Promise<Pretrained> {
  const metadata = ggufMetadata(file.metadata)
  const { config, form } = await configIn(metadata, file)
  const tokenizer = tokenizerOfGguf(metadata)
  checkTokenizer(tokenizer, config.vocabulary)
  const licence = metadata.optionalText('general.license')
  const lineage = {
    name: metadata.optionalText('general.name') ?? basename(path),
    source: 'GGUF file',
    ...(licence !== undefined && { licence }),
  }
  return {
    kind: 'language-model',
    config,
    places: placesOf(
      { kind: 'language-model', config },
      file.tensors,
      (name) => form.layout(config, name),
      form.isLeftOver,
    ),
    tokenizer,
    tokenizerFile: basename(path),
    lineage,
    close,
  }
}

/** By `general.architecture`. */
const forms: ReadonlyMap<string, GgufForm<ModelConfig>> = new Map(
  Object.values(architectures).flatMap(({ gguf: form }) =>
    form ? form.names.map((name) => [name, form] as const) : [],
  ),
)

async function configIn(
  metadata: GgufMetadata,
  file: GgufFile,
): Promise<{ readonly config: ModelConfig; readonly form: GgufForm<ModelConfig> }> {
  const architecture = metadata.text('general.architecture')
  const form =
    forms.get(architecture) ??
    refuse(`its architecture is "${architecture}"; ${[...forms.keys()].join(', ')} are read`)
  const plain = form.read(metadata, file)
  believed(() => checkConfig(plain))
  const config = await form.completed(plain, metadata, file)
  believed(() => checkConfig(config))
  return { config, form }
}
