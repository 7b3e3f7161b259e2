/**
 * A TypeScript file as a process of its own, to be killed. Built into .cache/, so that it finds node_modules.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { build } from 'vite'

const root = path.join(import.meta.dirname, '../..')

/** @param source from the repository's root; its messages come over `process.send` */
export async function startProgram(source: string, ...args: readonly string[]): Promise<ChildProcess> {
  const cache = path.join(root, '.cache')
  fs.mkdirSync(cache, { recursive: true })
  const outDir = fs.mkdtempSync(path.join(cache, 'program-'))
  onTestFinished(() => fs.rmSync(outDir, { recursive: true, force: true }))
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: path.join(root, source),
      outDir,
      target: 'node20.18',
      rollupOptions: { output: { entryFileNames: 'program.js' } },
    },
  })
  const child = fork(path.join(outDir, 'program.js'), args)
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** The next message of the program, or an error when it ends without one. */
export async function nextMessage(child: ChildProcess): Promise<unknown> {
  const listening = new AbortController()
  const { signal } = listening
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message as unknown),
      once(child, 'exit', { signal }).then(([code, by]) => {
        throw new Error(`the program ended (${code ?? by})`)
      }),
    ])
  } finally {
    listening.abort()
  }
}

/** kill -9, and wait until it is gone. */
export async function killHard(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
