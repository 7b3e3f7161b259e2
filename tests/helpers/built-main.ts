/**
 * Main's entries as they ship, built once for all tests that start processes: a compute process cannot run
 * from TypeScript.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { vi } from 'vitest'
import { build } from 'vite'
import { isLong } from './tries'

// Processes take as long to start as the machine has other things to do.
vi.setConfig({ testTimeout: isLong ? 3_600_000 : 180_000 })

const root = resolve(import.meta.dirname, '../..')
const cache = join(root, '.cache', 'built-main')

export interface BuiltMain {
  readonly headless: string
  readonly computeProcess: string
  readonly readingThread: string
  readonly cli: string
  readonly clusterRun: string
}

/** Builds when a source has changed since the last time; several test files may ask at once. */
export async function builtMain(): Promise<BuiltMain> {
  const folder = join(cache, stamp())
  if (!existsSync(folder)) await buildInto(folder)
  const entry = (name: string): string => join(folder, 'main', `${name}.js`)
  return {
    headless: entry('headless'),
    computeProcess: entry('compute-process'),
    readingThread: entry('reading-thread'),
    cli: entry('cli'),
    clusterRun: entry('cluster-run'),
  }
}

async function buildInto(folder: string): Promise<void> {
  const making = `${folder}.${process.pid}`
  const input = Object.fromEntries(
    ['headless', 'compute-process', 'reading-thread', 'cli', 'cluster-run'].map((entry) => [
      entry,
      join(root, 'src-main', `${entry}.ts`),
    ]),
  )
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: {
      ssr: true,
      target: 'node20.18',
      outDir: join(making, 'main'),
      emptyOutDir: true,
      rollupOptions: { input, output: { entryFileNames: '[name].js' } },
    },
  })
  mkdirSync(join(making, 'renderer'))
  writeFileSync(join(making, 'renderer', 'index.html'), '<!doctype html><title>the page</title>')
  for (const older of readdirSync(cache))
    if (isOld(join(cache, older))) rmSync(join(cache, older), { recursive: true })
  try {
    renameSync(making, folder)
  } catch {
    rmSync(making, { recursive: true }) // another test file was faster
  }
}

const isOld = (folder: string) => Date.now() - statSync(folder).mtimeMs > 3_600_000

function stamp(): string {
  const hash = createHash('sha256')
  for (const folder of ['src-main', 'src-shared']) {
    for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).sort()) {
      const { mtimeMs, size } = statSync(join(root, folder, file))
      hash.update(`${file} ${mtimeMs} ${size}\n`)
    }
  }
  return hash.digest('hex').slice(0, 16)
}
