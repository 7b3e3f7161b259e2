/** Which file a checkpoint of adapters stands on, read without its tokenizer and its numbers. */
import { openByteFile } from '../weights/byte-file'
import { refusingFile } from '../weights/refusal'
import { readSafetensors } from '../weights/safetensors'
import { adapterFormat, parsedBase, pathOfBase } from './adapter-file'

/** @returns absolute; undefined for a whole model. @throws StudioFailure refused-file */
export async function baseFileOf(path: string): Promise<string | undefined> {
  return refusingFile(path, async () => {
    const file = await openByteFile(path)
    try {
      const { metadata } = await readSafetensors(file)
      if (metadata.get('format') !== adapterFormat) return undefined
      return pathOfBase(path, parsedBase(Object(JSON.parse(metadata.get('base') ?? '{}'))))
    } finally {
      await file.close()
    }
  })
}
