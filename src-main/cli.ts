/** Entry: the studio on the command line. `scripts/studio.mjs` builds it when needed and starts it. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { version } from '../package.json'
import { StudioFailure } from '../src-shared/result'
import { lineAsker } from './cli/lines'
import { apiOf } from './cli/pipe'
import { runStudio } from './cli/program'
import { forkNode } from './processes/compute-child'
import { askedRegistry, defaultRegistry } from './places/registry-location'
import { openReadOnly } from './store/database'
import { placeProblem } from './store/place-problem'

const besideThis = (entry: string): string => join(import.meta.dirname, entry)
const reportBug = (where: string, error: unknown): void => console.error(`${where}:`, error)

/** Ctrl C is for the work under way; without any it ends the program as usual. */
function onInterrupt(listener: () => void): () => void {
  process.on('SIGINT', listener)
  process.on('SIGTERM', listener)
  return () => {
    process.off('SIGINT', listener)
    process.off('SIGTERM', listener)
  }
}

const fork = forkNode(besideThis('compute-process.js'))

process.exitCode = await runStudio(process.argv.slice(2), {
  out: process.stdout,
  err: process.stderr,
  version,
  now: () => Date.now(),
  onInterrupt,
  ask: lineAsker(process.stdin, (text) => process.stderr.write(text)),
  fork,
  registryPath: (flag) => askedRegistry(flag, process.env) ?? defaultRegistry(process.platform, process.env),
  openReadOnly: (registryPath) => {
    if (!existsSync(registryPath))
      throw new StudioFailure({
        kind: 'storage',
        problem:
          placeProblem(registryPath) ??
          `There is no registry at ${registryPath} yet: \`studio import FILE\` or the first start of the ` +
            'studio makes one.',
      })
    return openReadOnly(registryPath)
  },
  // What computes is loaded only by the commands that need it: the others answer at once.
  openStudio: async (registryPath) => {
    const { openStudio } = await import('./studio')
    const readingThread = besideThis('reading-thread.js')
    const leavesQueue = true // a command does its own work: what waits is the studio’s, or `studio queue work`’s
    const studio = await openStudio({
      ...{ registryPath, host: 'headless', fork, readingThread, leavesQueue, reportBug },
    })
    return { api: apiOf(studio.handlers, reportBug), close: studio.close }
  },
  listDevices: async (registryPath) => {
    const [{ deviceSurvey }, { listDevices }] = await Promise.all([
      import('./devices/device-survey'),
      import('./compute/devices'),
    ])
    return deviceSurvey({ fork, certain: async () => listDevices(), registryPath })()
  },
  serve: (registryPath, port, more) =>
    new Promise((resolve) => {
      const server = spawn(
        process.execPath,
        [
          besideThis('headless.js'),
          '--registry',
          registryPath,
          ...(port === undefined ? [] : ['--port', port]),
          ...more,
        ],
        { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] },
      )
      const release = onInterrupt(() => server.kill('SIGINT'))
      server.on('exit', (code) => {
        release()
        resolve(code ?? 1)
      })
    }),
})
