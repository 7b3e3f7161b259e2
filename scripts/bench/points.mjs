/**
 * 100,000 metric points: written, streamed and drawn while they come, and drawn again from the registry. The
 * window is a real Chromium.
 */
import { spawn } from 'node:child_process'
import path from 'node:path'
import readline from 'node:readline'
import { chromiumPath, heldUpMs, openBrowser, startWatch } from './browser.mjs'

const MOST_MS = 100
const root = path.join(import.meta.dirname, '../..')

export async function bench({ scratch }) {
  if (!chromiumPath())
    return [
      {
        what: '100,000 metric points drawn',
        skipped: 'there is no Chromium (Debian: apt-get install chromium)',
      },
    ]
  const server = spawn(process.execPath, [path.join(root, 'out/bench/points-server.js'), scratch], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const said = readline.createInterface({ input: server.stdout })[Symbol.asyncIterator]()
  const hear = async () => JSON.parse((await said.next()).value)
  const browser = await openBrowser()
  try {
    const { origin, token, runId, updates } = await hear()
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    page.setDefaultTimeout(120_000)
    await page.goto(`${origin}/#token=${token}`)
    const opened = await opening(page, runId)
    const live = await drawing(page, updates, () => server.stdin.write('go\n'))
    const { longestMs } = await hear()
    await page.evaluate(() => {
      location.hash = '#/datasets'
    })
    await page.reload()
    const again = Math.max(await opening(page, runId), await drawing(page, updates))
    return [
      row('window held up longest when Runs is opened', opened),
      row('window held up longest while 100,000 points come in 10 s', live),
      row('window held up longest when they are drawn again', again),
      row('main process busy longest at a time meanwhile', longestMs),
    ]
  } finally {
    await browser.close()
    server.kill('SIGKILL')
  }
}

const row = (what, value) => ({ what, value, unit: 'ms', aim: `≤ ${MOST_MS}`, isMet: value <= MOST_MS })

/** Opens the run in its room. @returns the longest that the window was held up by that, ms */
async function opening(page, runId) {
  // before a room stands, the router does not hear of another address
  await page.waitForFunction(() => document.title.endsWith(' - RLHF Studio'))
  await startWatch(page)
  await page.evaluate((id) => {
    location.hash = `#/runs?run=${id}`
  }, runId)
  await page.getByRole('region', { name: /, (running|finished)$/ }).waitFor()
  return heldUpMs(page)
}

/** Lets points come until the last one is on screen. @returns the longest that the window was held up meanwhile, ms */
async function drawing(page, updates, begin = () => {}) {
  await startWatch(page)
  begin()
  await page
    .getByText(`${updates.toLocaleString('en-US')} of ${updates.toLocaleString('en-US')}`)
    .first()
    .waitFor({ timeout: 120_000 })
  await page.locator('canvas').first().waitFor()
  await page.waitForTimeout(1000) // the last points are drawn
  return heldUpMs(page)
}
