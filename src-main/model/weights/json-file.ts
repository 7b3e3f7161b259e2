/** JSON files of a model's folder, read with a bound and without belief. */
import { readFile, stat } from 'node:fs/promises'
import { believed, refuse, refusingFile } from './refusal'

export type JsonObject = Readonly<Record<string, unknown>>

const mostBytes = 2 ** 27

/** @throws StudioFailure `refused-file` when it is missing, too large, no JSON, or no object */
export async function readJsonObject(path: string): Promise<JsonObject> {
  return refusingFile(path, async () => parsedObject(await readText(path)))
}

/** @throws WeightsError when the text is no JSON object */
export function parsedObject(text: string): JsonObject {
  const value: unknown = believed(() => JSON.parse(text), 'it is not JSON')
  return isObject(value) ? value : refuse('it is not a JSON object')
}

/** The text of a small file. @throws WeightsError when it is no file or larger than any such file is */
export async function readText(path: string): Promise<string> {
  const found = await stat(path)
  if (!found.isFile()) refuse(found.isDirectory() ? 'it is a folder' : 'it is no file')
  if (found.size > mostBytes) refuse(`it has ${found.size} bytes, more than the ${mostBytes} that are read`)
  return readFile(path, 'utf8')
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A value as a message shows it. */
export function shown(value: unknown): string {
  try {
    return String(JSON.stringify(value)).slice(0, 80)
  } catch {
    return 'nested too deeply to be shown'
  }
}
