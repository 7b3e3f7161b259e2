/**
 * `npm run screenshots [-- --registry PATH --run NAME]`: pictures of every room of the real studio, light and
 * dark, into resources/docs/images/. They show a copy of the registry named (one that `npm run demo` has
 * left, say) and the run named, else the sample project of a first launch.
 */
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { ensureSystem } from './debian.mjs'
import { root, setUp } from './setup.mjs'

const images = path.join(root, 'resources/docs/images')
const { values } = parseArgs({ options: { registry: { type: 'string' }, run: { type: 'string' } } })

setUp()
if (!ensureSystem(['screenshots'])) process.exit(1)
const { openBrowser } = await import('./bench/browser.mjs')
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'studio-screenshots-'))
const server = spawn(
  process.execPath,
  [path.join(root, 'out/main/headless.js'), '--registry', copyOf(values.registry)],
  { stdio: ['ignore', 'pipe', 'inherit'] },
)
const browser = await openBrowser()
try {
  fs.mkdirSync(images, { recursive: true })
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.goto(await addressOf(server))
  await page.keyboard.press('Control+Digit1') // a first visit begins with the first steps
  // the last of the sample project to come
  await page.getByText('Moby Dick').first().waitFor({ timeout: 60_000 })
  for (const theme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    for (const [room, show] of Object.entries(rooms(page))) {
      await show()
      await page.waitForTimeout(500) // fonts, curves and skeletons settle
      await page.screenshot({ path: path.join(images, `${room}.${theme}.png`) })
      console.log(`${room}.${theme}.png`)
    }
  }
} finally {
  await browser.close()
  await new Promise((resolve) => {
    server.on('exit', resolve)
    server.kill('SIGINT')
  })
  fs.rmSync(folder, { recursive: true })
}

/** How each room comes to show something. */
function rooms(page) {
  return {
    'first-steps': async () => {
      await page.evaluate(() => (location.hash = '#/first-steps'))
      await page.getByText('just now').waitFor()
      await page.getByRole('article', { name: 'What the model writes now' }).locator('dd').nth(2).waitFor()
    },
    datasets: async () => {
      await goTo(page, 1)
      await page.getByText('1,108').first().waitFor()
    },
    label: async () => {
      await goTo(page, 2)
      await page.getByText(/^Comparison \d+$/).waitFor({ timeout: 60_000 })
    },
    launch: async () => {
      await goTo(page, 3)
      await page.getByRole('button', { name: /PPO/ }).first().click()
      await page.getByRole('heading', { name: 'New run: PPO' }).waitFor()
    },
    runs: async () => {
      await goTo(page, 4)
      if (values.run) await page.getByText(values.run, { exact: true }).first().click()
      await page.locator('canvas').first().waitFor()
    },
    compare: async () => {
      await goTo(page, 5)
      await writeBoth(page)
    },
  }
}

async function goTo(page, key) {
  await page.keyboard.press(`Control+Digit${key}`)
  await page.locator('main h1').first().waitFor()
}

/** The oldest checkpoint against the newest, to the end of both texts. */
async function writeBoth(page) {
  await choose(page, 'Left checkpoint', (options) => options.last())
  await choose(page, 'Right checkpoint', (options) => options.first())
  const button = page.getByRole('button', { name: /^Write both/ })
  await button.and(page.locator(':enabled')).waitFor()
  await page.getByLabel('Prompt', { exact: true }).fill(await firstPrompt(page))
  await page.keyboard.press('Control+Enter')
  const ends = page.getByText(/(ended by itself|cut at).*/)
  await ends.nth(1).waitFor({ timeout: 60_000 })
}

/** Takes one thing from a picker's menu, unless something is chosen already. */
async function choose(page, label, which) {
  const picker = page.getByRole('button', { name: new RegExp(`^${label}`) })
  await picker.waitFor()
  if (!/Choose/.test(await picker.innerText())) return
  await picker.click()
  await which(page.getByRole('menuitemcheckbox')).click()
}

/** A prompt of the sample project, when the checkpoints there read one. */
async function firstPrompt(page) {
  const hasPrompts = (await page.getByLabel('Take prompts from').count()) > 0
  return hasPrompts && !values.registry ? 'Write one sentence about a film:\n' : ''
}

function addressOf(child) {
  let said = ''
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (data) => {
      said += data
      const found = /http:\/\/127\.0\.0\.1:\S+/.exec(said)
      if (found) resolve(found[0])
    })
    child.on('exit', () => reject(new Error(`the studio ended: ${said}`)))
  })
}

/** Looking at a registry writes into it (the sample project, what Compare wrote), so a copy is looked at. */
function copyOf(registry) {
  const copy = path.join(folder, registry ? path.basename(registry) : 'registry.sqlite')
  if (!registry) return copy
  const beside = registry.replace(/\.[^.]*$/, '-checkpoints')
  for (const each of [registry, `${registry}-wal`, beside])
    if (fs.existsSync(each)) fs.cpSync(each, path.join(folder, path.basename(each)), { recursive: true })
  return copy
}
