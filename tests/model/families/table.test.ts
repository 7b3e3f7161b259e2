/** The table of families in the documentation says what their rows say. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { architectures } from '../../../src-main/model/architectures/architectures'
import type { Architecture } from '../../../src-main/model/architectures/architecture'
import { ggufFamilies } from '../../../src-main/model/architectures/decoder-gguf'
import { readFamilies } from '../../../src-main/model/architectures/decoder-gguf-form'
import { families } from '../../../src-main/model/families/families'
import type { ModelConfig } from '../../../src-main/model/model'

const docs = readFileSync(join(import.meta.dirname, '../../../resources/docs/models.md'), 'utf8')

interface Line {
  readonly types: readonly string[]
  readonly read: readonly string[]
  readonly written: boolean
  readonly onnx: boolean
}

const rows = Object.entries(architectures) as readonly (readonly [string, Architecture<ModelConfig>])[]

const wholeArchitectures: readonly Line[] = rows
  .filter(([name]) => name !== 'decoder')
  .map(([, row]) => ({
    types: row.huggingFace?.modelTypes ?? [],
    read: row.gguf?.names ?? [],
    written: row.ggufNetwork !== undefined,
    onnx: row.onnx !== undefined,
  }))

const ofDecoders: readonly Line[] = Object.entries(families).map(([name, family]) => ({
  types: family.modelTypes,
  read: Object.entries(readFamilies).flatMap(([theirs, { family }]) => (family === name ? [theirs] : [])),
  written: Object.hasOwn(ggufFamilies, name),
  onnx: false,
}))

const code = (names: readonly string[]) =>
  names.length === 0 ? '–' : names.map((name) => `\`${name}\``).join(', ')
const yes = (is: boolean) => (is ? 'yes' : '–')

it('is in the documentation, line by line', () => {
  const wanted = [...wholeArchitectures, ...ofDecoders]
    .filter(({ types }) => types.length > 0)
    .map(({ types, read, written, onnx }) => [code(types), code(read), yes(written), yes(onnx)].join(' | '))
  const said = docs
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim())
        .join(' | '),
    )
  for (const line of wanted) expect(said).toContain(line)
})
