/** The works on our side of the benches: written once for peers in other languages. */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

const programs = path.join(import.meta.dirname, '../../../out/bench')

export const workTitles = { small: '0.8M GPT', gpt2: 'GPT-2 124M' }

/** One of our programs that import the studio's own modules: a command for `startPeer`. */
export const program = (name, ...rest) => [
  process.execPath,
  path.join(programs, `${name}.js`),
  ...rest.map(String),
]

/** @returns the folder of the work, and what its work.json says */
export function written(scratch, name) {
  const folder = path.join(scratch, name)
  if (!fs.existsSync(folder))
    execFileSync(process.execPath, [path.join(programs, 'write-work.js'), folder, name])
  return { folder, work: JSON.parse(fs.readFileSync(path.join(folder, 'work.json'), 'utf8')) }
}
