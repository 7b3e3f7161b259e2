/** What a folder says of the model's terms: the licence named at the head of its README.md (a "model card"). */
import { join } from 'node:path'
import { readText } from './json-file'
import { refusingFile } from './refusal'

/** @returns as the card names it, "apache-2.0"; undefined when nothing names one */
export async function licenceIn(path: string, names: readonly string[]): Promise<string | undefined> {
  if (!names.includes('README.md')) return undefined
  const card = await refusingFile(join(path, 'README.md'), () => readText(join(path, 'README.md')))
  const head = /^---\r?\n([\s\S]*?)\r?\n---/.exec(card)?.[1] ?? ''
  return /^license:[ \t]*['"]?([^'"\r\n#]{1,100})/m.exec(head)?.[1]?.trim()
}
