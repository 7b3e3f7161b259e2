/** Models that lie: a sound one with one part of it replaced, in a folder that goes when the test ends. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testFolder } from '../helpers/registry'

const sound = join(import.meta.dirname, '../fixtures/models/qwen2')

type Json = Readonly<Record<string, unknown>>

/** A copy of a sound model of 288 pieces, after `change`. @returns its folder */
export function soundModel(change: (folder: string) => void = () => {}): string {
  const folder = join(testFolder(), 'model')
  cpSync(sound, folder, { recursive: true })
  change(folder)
  return folder
}

export function edit(folder: string, file: string, change: (json: Json) => Json): void {
  const path = join(folder, file)
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')) as Json)))
}

export const modelWithTokenizer = (change: (json: Json) => Json): string =>
  soundModel((folder) => edit(folder, 'tokenizer.json', change))

export const modelWithTemplate = (template: string): string =>
  soundModel((folder) => {
    rmSync(join(folder, 'chat_template.jinja'))
    edit(folder, 'tokenizer_config.json', (json) => ({ ...json, chat_template: template }))
  })

export const modelWithConfig = (change: Json): string =>
  soundModel((folder) => edit(folder, 'config.json', (json) => ({ ...json, ...change })))

/** 3000³ rounds. */
export const templateWithoutEnd =
  '{% for i in range(3000) %}{% for j in range(3000) %}{% for k in range(3000) %}' +
  '{% endfor %}{% endfor %}{% endfor %}'
