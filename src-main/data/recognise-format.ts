/** Which format a file has: its first bytes decide, then its name. */
import path from 'node:path'
import { formats } from './formats'
import type { FileFormat, FileStart } from './formats/format'
import { foreignFile } from './formats/foreign'
import { refuse } from './refuse'
import { unpackedName } from './packings'
import type { SourceFile } from './source-file'

/**
 * @param head the first bytes, unpacked if the file is packed
 * @throws StudioFailure refused-file: of no format that is read, or not what its name says
 */
export function formatOf({ path: file, packing }: SourceFile, head: Buffer): FileFormat {
  const text = head.toString('latin1')
  const what = foreignFile(text)
  if (what !== undefined) refuse(file, `this is ${what}`)
  const start = {
    packing: packing?.name,
    head: text,
    opening: text.replace(/^\xef\xbb\xbf/, '').trimStart()[0],
  }
  const ending = path.extname(packing ? unpackedName(file) : file).toLowerCase()
  for (const format of formats) {
    const asked = { ...start, named: namedFor(format, ending) }
    if (!format.recognises(asked)) continue
    const problem = format.refusal?.(asked)
    return problem === undefined ? format : refuse(file, problem)
  }
  return refuse(file, 'its format is not known')
}

function namedFor(format: FileFormat, ending: string): FileStart['named'] {
  if (format.extensions.includes(ending)) return 'as-this'
  return formats.some(({ extensions }) => extensions.includes(ending)) ? 'as-another' : 'as-none'
}
