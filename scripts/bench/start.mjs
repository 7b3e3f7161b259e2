/**
 * From starting the studio to its first data on screen, on a registry that has been opened before; the median
 * of five starts.
 */
import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { findCommand } from '../debian.mjs'
import { installedElectron } from '../electron-binary.mjs'
import { chromiumPath, openBrowser } from './browser.mjs'
import { median } from './race.mjs'

const MOST_MS = 2000
const starts = 5
const root = path.join(import.meta.dirname, '../..')
/** A dataset of the sample project, as it stands in the list. */
export const firstData = (page) => page.getByText('Review sentences').first().waitFor({ timeout: 60_000 })

export async function bench({ scratch }) {
  const registry = path.join(scratch, 'start.sqlite')
  const noBrowser = {
    what: 'start in a browser',
    skipped: 'there is no Chromium (Debian: apt-get install chromium)',
  }
  return [
    chromiumPath()
      ? row('from npm start’s program to first data in a browser', await servedMs(registry))
      : noBrowser,
    windowed(registry),
  ]
}

const row = (what, ms) => ({
  what,
  value: median(ms),
  unit: 'ms',
  aim: `≤ ${MOST_MS}`,
  isMet: median(ms) <= MOST_MS,
  detail: `${ms.length} starts: ${ms.map((each) => Math.round(each)).join(', ')} ms`,
})

/** The browser is open already; the first start, which makes the sample project, is not counted. */
async function servedMs(registry) {
  const browser = await openBrowser()
  const ms = []
  try {
    for (let start = 0; start <= starts; start++) {
      const page = await browser.newPage()
      const startedMs = performance.now()
      const server = spawn(
        process.execPath,
        [path.join(root, 'scripts/start.mjs'), '--headless', '--registry', registry],
        { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
      )
      await page.goto(await addressOf(server))
      await firstData(page)
      if (start > 0) ms.push(performance.now() - startedMs)
      await page.close()
      await ended(server)
    }
  } finally {
    await browser.close()
  }
  return ms
}

function addressOf(server) {
  let said = ''
  return new Promise((resolve, reject) => {
    server.stdout.on('data', (data) => {
      said += data
      const found = /http:\/\/127\.0\.0\.1:\S+/.exec(said)
      if (found) resolve(found[0])
    })
    server.on('exit', () => reject(new Error(`the server ended: ${said}`)))
  })
}

const ended = (server) =>
  new Promise((resolve) => {
    server.on('exit', resolve)
    server.kill('SIGINT')
  })

/** The desktop window, under a virtual screen where there is no other. */
function windowed(registry) {
  const what = 'from start to first data in the window'
  const testRuntime = path.join(root, '.cache/electron-33.2.1/electron')
  const electron = installedElectron() ?? (fs.existsSync(testRuntime) ? testRuntime : undefined)
  if (!electron)
    return {
      what,
      skipped: 'there is no Electron (npx install-electron; `npm test -- studio` fetches one for tests)',
    }
  const needsScreen = process.platform === 'linux' && !process.env.DISPLAY
  if (needsScreen && !findCommand('xvfb-run'))
    return { what, skipped: 'there is no display (Debian: apt-get install xvfb xauth)' }
  const command = [
    ...(needsScreen ? ['xvfb-run', '-a', '-s', '-screen 0 1280x800x24'] : []),
    process.execPath,
    path.join(import.meta.dirname, 'start-window.mjs'),
    electron,
    registry,
    String(starts),
  ]
  return row(
    what,
    JSON.parse(
      execFileSync(command[0], command.slice(1), { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] }),
    ),
  )
}
