/** What Hugging Face's save_to_disk writes: a folder of Arrow files, or of such folders, one a split. */
import fs from 'node:fs/promises'
import path from 'node:path'
import { refuse } from './refuse'

/**
 * @returns the files, in order; undefined when the folder is no such one
 * @throws StudioFailure refused-file, when it holds several splits, or files that are not there
 */
export async function savedDataset(folder: string): Promise<readonly string[] | undefined> {
  const splits = splitsIn(await jsonIn(folder, 'dataset_dict.json'))
  if (splits && splits.length > 1)
    refuse(folder, `it holds the splits ${splits.join(', ')}: import the folder of one of them`)
  const own = splits?.[0] === undefined ? folder : path.join(folder, splits[0])
  const names = filesIn(await jsonIn(own, 'state.json'))
  if (!names || names.length === 0) return undefined
  const wrong = names.find((name) => name !== path.basename(name))
  if (wrong !== undefined) refuse(folder, `its list of files names “${wrong}”, which lies elsewhere`)
  return names.map((name) => path.join(own, name))
}

async function jsonIn(folder: string, name: string): Promise<unknown> {
  try {
    return JSON.parse(await fs.readFile(path.join(folder, name), 'utf8')) as unknown
  } catch {
    return undefined // is not there, or is no JSON: then this is no saved dataset
  }
}

function splitsIn(value: unknown): readonly string[] | undefined {
  const splits = typeof value === 'object' && value !== null && 'splits' in value ? value.splits : undefined
  return Array.isArray(splits) ? splits.filter((each) => typeof each === 'string') : undefined
}

function filesIn(value: unknown): readonly string[] | undefined {
  const files =
    typeof value === 'object' && value !== null && '_data_files' in value ? value._data_files : undefined
  if (!Array.isArray(files)) return undefined
  return files.flatMap((each: unknown) =>
    typeof each === 'object' && each !== null && 'filename' in each && typeof each.filename === 'string'
      ? [each.filename]
      : [],
  )
}
