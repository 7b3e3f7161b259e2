/** Programs that read the sources and are content or not: types, lint, imports, format. */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { bin, root } from './setup.mjs'

const cache = (name) => path.join('.cache/checks', name)
const incremental = (name) => ['--noEmit', '--incremental', '--tsBuildInfoFile', cache(`${name}.json`)]
const keptBy = (name) => ['--cache', '--cache-strategy', 'content', '--cache-location', cache(name)]

/** By name: the program of a package, its command and its arguments. What was good is kept in .cache/checks. */
export const checks = {
  'types of src-shared': {
    says: 'without Node and DOM',
    program: ['typescript', 'tsc'],
    args: [...incremental('shared'), '-p', 'src-shared/tsconfig.json'],
  },
  types: {
    says: '.vue files too',
    program: ['vue-tsc', 'vue-tsc'],
    args: [...incremental('types'), '-p', 'tsconfig.json'],
  },
  lint: {
    says: 'rules and budgets',
    program: ['eslint', 'eslint'],
    args: ['.', '--max-warnings', '0', ...keptBy('eslint')],
  },
  imports: {
    says: 'who may import whom',
    program: ['dependency-cruiser', 'depcruise'],
    args: ['--config', '.dependency-cruiser.cjs', 'src-main', 'src-renderer', 'src-shared'],
  },
  format: {
    says: 'as Prettier lays it out',
    program: ['prettier', 'prettier'],
    args: ['--check', '.', '--log-level', 'warn', ...keptBy('prettier')],
  },
}

/** Runs one and says how it went. @returns whether it is content */
export function runCheck(name, { says, program, args }) {
  const startedAtMs = Date.now()
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bin(...program), ...args], { cwd: root })
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (said += text))
    child.on('close', (code) => {
      const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1)
      console.log(`${code === 0 ? '✓' : '✗'} ${name}: ${says} (${seconds} s)`)
      if (code !== 0) console.log(said.trim())
      resolve(code === 0)
    })
  })
}
