/** The tensors of a model's folder: of one safetensors file, or of several with an index. */
import { basename, join } from 'node:path'
import { StudioFailure } from '../../../src-shared/result'
import { openByteFile, type ByteFile } from './byte-file'
import { isObject, readJsonObject } from './json-file'
import { refuse, refusingFile } from './refusal'
import { readSafetensors } from './safetensors'
import type { StoredTensor } from './stored-tensor'

const index = 'model.safetensors.index.json'

export interface FolderWeights {
  readonly tensors: ReadonlyMap<string, StoredTensor>
  /** The file to name when a tensor is wrong. */
  readonly said: string
  close(): Promise<void>
}

/**
 * @param single file that would hold them all.
 * @returns undefined when the folder has neither it nor an index, nor parts of it.
 * @throws StudioFailure `refused-file`
 */
export async function openFolderWeights(
  path: string,
  names: readonly string[],
  single: string,
): Promise<FolderWeights | undefined> {
  const said = [single, index].find((name) => names.includes(name)) ?? partsOf(single, names)[0]
  if (said === undefined) return undefined
  const files: ByteFile[] = []
  const close = async (): Promise<void> => {
    for (const file of files) await file.close()
  }
  try {
    return {
      tensors:
        said === index
          ? await openShards(path, names, files)
          : await openAll(path, said === single ? [single] : partsOf(single, names), files),
      said,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * Parts say in their names how many they are: where the index has been left behind, they are read by that.
 * @throws StudioFailure `refused-file` when one is missing
 */
function partsOf(single: string, names: readonly string[]): readonly string[] {
  const stem = single.slice(0, -'.safetensors'.length)
  const parts = names.filter((name) => name.startsWith(`${stem}-`) && /-\d+-of-\d+\.safetensors$/.test(name))
  const [first = ''] = parts
  const [, begin = '', place = '', count = ''] = /^(.*-)(\d+)-of-(\d+)\.safetensors$/.exec(first) ?? []
  // of thousands that are missing, one is named
  const wanted = Array.from(
    { length: Math.min(Number(count), parts.length + 1) },
    (_, i) => `${begin}${String(i + 1).padStart(place.length, '0')}-of-${count}.safetensors`,
  )
  const lost = wanted.find((name) => !names.includes(name))
  if (lost === undefined) return wanted
  throw new StudioFailure({
    kind: 'refused-file',
    file: lost,
    problem: `it is missing: ${parts.length} of ${Number(count)} parts of the model are there`,
  })
}

async function openAll(
  path: string,
  parts: readonly string[],
  files: ByteFile[],
): Promise<ReadonlyMap<string, StoredTensor>> {
  const tensors = new Map<string, StoredTensor>()
  for (const part of parts)
    for (const [name, tensor] of await openShard(path, part, files)) tensors.set(name, tensor)
  return tensors
}

async function openShard(
  path: string,
  name: string,
  files: ByteFile[],
): Promise<ReadonlyMap<string, StoredTensor>> {
  return refusingFile(join(path, name), async () => {
    const file = await openByteFile(join(path, name))
    files.push(file)
    return (await readSafetensors(file)).tensors
  })
}

/** Each tensor from the file that the index names. */
async function openShards(
  path: string,
  names: readonly string[],
  files: ByteFile[],
): Promise<ReadonlyMap<string, StoredTensor>> {
  const shardOf = await refusingFile(join(path, index), async () =>
    weightMap((await readJsonObject(join(path, index)))['weight_map'], names),
  )
  const tensors = new Map<string, StoredTensor>()
  for (const shard of new Set(shardOf.values())) {
    for (const [name, tensor] of await openShard(path, shard, files))
      if (shardOf.get(name) === shard) tensors.set(name, tensor)
  }
  const lost = [...shardOf].find(([name]) => !tensors.has(name))
  if (lost)
    throw new StudioFailure({
      kind: 'refused-file',
      file: lost[1],
      problem: `the tensor "${lost[0]}" is missing, which ${index} says it holds`,
    })
  return tensors
}

/** @returns the file of each tensor, all of them in the folder itself */
function weightMap(map: unknown, names: readonly string[]): ReadonlyMap<string, string> {
  if (!isObject(map)) return refuse('it has no weight_map')
  return new Map(
    Object.entries(map).map(([tensor, file]) => {
      if (typeof file !== 'string') return refuse(`its weight_map names no file for the tensor "${tensor}"`)
      if (basename(file) !== file || file.includes('\\') || !file.endsWith('.safetensors'))
        return refuse(`its weight_map leads to "${file}", which is no safetensors file in this folder`)
      if (!names.includes(file)) return refuse(`its weight_map names the file "${file}", which is missing`)
      return [tensor, file]
    }),
  )
}
