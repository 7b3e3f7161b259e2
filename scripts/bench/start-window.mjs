/**
 * `start-window.mjs ELECTRON REGISTRY STARTS`: opens the desktop window so many times, prints the
 * milliseconds to its first data as JSON.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { _electron } from 'playwright-core'
import { firstData } from './start.mjs'

const [electron, registry, starts] = process.argv.slice(2)
const root = path.join(import.meta.dirname, '../..')
const settings = fs.mkdtempSync(path.join(os.tmpdir(), 'studio-bench-'))
const ms = []
try {
  for (let start = 0; start <= Number(starts); start++) {
    const startedMs = performance.now()
    const app = await _electron.launch({
      executablePath: electron,
      chromiumSandbox: process.getuid?.() !== 0,
      args: ['--disable-gpu', `--user-data-dir=${settings}`, root, '--registry', registry],
    })
    await firstData(await app.firstWindow())
    if (start > 0) ms.push(performance.now() - startedMs)
    await app.close()
  }
} finally {
  fs.rmSync(settings, { recursive: true, force: true })
}
console.log(JSON.stringify(ms))
