import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { roomAddresses, servePage, type SamplePage } from './harness/sample-page'
import { openBrowser, whyNoChromium } from './harness/studios'
import { skipped } from '../helpers/skipping'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** A rule, and the first elements that break it. */
async function complaintsOf(page: Page, ignored: readonly string[] = []): Promise<readonly string[]> {
  await page.evaluate(source)
  const { violations } = await page.evaluate<AxeResults, readonly string[]>(async (rules) => {
    const { axe } = window as unknown as typeof window & { readonly axe: typeof import('axe-core') }
    return axe.run(document, {
      resultTypes: ['violations'],
      rules: Object.fromEntries(rules.map((rule) => [rule, { enabled: false }])),
    })
  }, ignored)
  return violations.flatMap(({ id, nodes }) =>
    nodes.slice(0, 4).map(({ html, failureSummary = '' }) => {
      const why = failureSummary.split('\n').slice(1).join(' ').trim()
      return `${id}: ${html.slice(0, 160)} (${why.slice(0, 200)})`
    }),
  )
}

/** Components stand one below another there, each with the landmarks and headings of its room. */
const notInTheGallery = [
  'landmark-unique',
  'landmark-no-duplicate-main',
  'landmark-complementary-is-top-level',
  'heading-order',
  'page-has-heading-one',
  'region',
  'empty-table-header',
]

/** axe-core looks at every room and at every state of the gallery, light and dark. */
describe.skipIf(whyNoChromium !== undefined)(`what axe finds${skipped(whyNoChromium)}`, () => {
  let served: SamplePage
  let browser: Browser
  let page: Page
  beforeAll(async () => {
    served = await servePage()
    browser = await openBrowser()
    page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' })
    page.setDefaultTimeout(60_000)
  })
  afterAll(async () => {
    await browser?.close()
    await served?.close()
  })

  /** A page of its own: only another hash would leave the last room on screen for a moment. */
  async function open(hash: string): Promise<void> {
    await page.goto('about:blank')
    await page.goto(served.address + hash)
  }
  /** In both themes. */
  async function inEach(ignored: readonly string[] = []): Promise<readonly string[]> {
    const found: string[] = []
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      for (const complaint of await complaintsOf(page, ignored)) found.push(`${colorScheme}: ${complaint}`)
    }
    return found
  }

  it.each(Object.entries(roomAddresses))('is nothing in %s, light and dark', async (_room, hash) => {
    await open(hash)
    await page.locator('main h1').first().waitFor()
    await page.waitForFunction(() => document.querySelector('main [aria-busy="true"]') === null)
    expect(await inEach()).toEqual([])
  })

  it('is nothing in any state of the gallery, light and dark', async () => {
    await open('#/gallery')
    await page.getByRole('heading', { name: 'Gallery' }).waitFor()
    expect(await inEach(notInTheGallery)).toEqual([])
  })

  it.each([
    ['#/runs?show=table', 't'],
    ['#/runs?show=table', 'n'],
  ])('is nothing in the dialog of %s, %s', async (hash, key) => {
    await open(hash)
    await page.locator('.allruns tbody tr').first().waitFor()
    await page.keyboard.press(key)
    await page.getByRole('dialog').waitFor()
    expect(await complaintsOf(page)).toEqual([])
  })

  it.each(['Control+k', '?', 'd', 'g'])('is nothing in the dialog of %s', async (key) => {
    await open('#/datasets')
    await page.locator('.examples-body [aria-selected=true]').waitFor()
    await page.keyboard.press(key)
    await page.getByRole('dialog').waitFor()
    if (key === 'd') {
      await page.getByRole('button', { name: 'Compare', exact: true }).click()
      await page.getByRole('list', { name: 'Groups' }).waitFor()
    }
    expect(await complaintsOf(page)).toEqual([])
  })
})
