import { spawn } from 'node:child_process'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { openRegistry } from '../../src-main/store/database'
import { people } from '../../src-main/team/people'
import { teamFolder } from '../../src-main/team/team-folder'
import { testQueue } from '../helpers/labels'
import { skipped } from '../helpers/skipping'
import { ended, openBrowser, picture, root, storyFolder, whyNoChromium } from './harness/studios'

/** Two members of a team at the studio's server over TLS, each in a browser of their own. */
describe.skipIf(whyNoChromium !== undefined)(`a team that labels${skipped(whyNoChromium)}`, () => {
  const folder = storyFolder()
  const registry = `${folder.path}/registry.sqlite`
  const members = people(teamFolder(registry), () => Date.now())
  let browser: Awaited<ReturnType<typeof openBrowser>>
  let server: Awaited<ReturnType<typeof openTeam>>
  let ada: Page
  let lin: Page
  const complaints: string[] = []

  async function openTeam() {
    const keys = ['cert', 'key'].flatMap((each) => [
      `--${each}`,
      path.join(root, `tests/fixtures/team/${each}.pem`),
    ])
    const flags = ['--registry', registry, '--team', ...keys]
    const child = spawn(process.execPath, [path.join(root, 'out/main/headless.js'), ...flags], { cwd: root })
    let said = ''
    const origin = await new Promise<string>((resolve) =>
      child.stdout.on('data', (chunk) => {
        const found = /https:\/\/localhost:\d+/.exec((said += String(chunk)))
        if (found) resolve(found[0])
      }),
    )
    return { child, origin }
  }
  async function arrive(token: string): Promise<Page> {
    const context = await browser.newContext({
      ignoreHTTPSErrors: true,
      viewport: { width: 1280, height: 800 },
    })
    const page = await context.newPage()
    page.setDefaultTimeout(30_000)
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(`${server.origin}/#token=${token}`)
    return page
  }
  beforeAll(async () => {
    const db = openRegistry(registry)
    const { queue } = testQueue(db, 12)
    db.close()
    server = await openTeam()
    browser = await openBrowser()
    ada = await arrive(members.add({ name: 'Ada', role: 'annotator', queues: [queue.id] }))
    lin = await arrive(members.add({ name: 'Lin', role: 'lead', queues: [] }))
  })
  afterAll(async () => {
    await browser?.close()
    if (server) await ended(server.child, 'SIGTERM')
    folder.remove()
  })

  it('shows an annotator what to judge, under their name, and no other room', async () => {
    await ada.getByText('You are Ada').waitFor()
    await ada.getByText('Comparison 1', { exact: true }).waitFor()
    expect(await ada.getByRole('navigation').count()).toBe(0)
    expect(new URL(ada.url()).hash).not.toContain('token')
    await ada.keyboard.press('1')
    await ada.getByText('1 of 600').waitFor()
    await picture(ada, 'team-annotator')
  })

  it('shows a lead who said what, and gives another item', async () => {
    await lin.getByText('You are Lin').waitFor()
    await lin.getByText('1 of 600').waitFor()
    await lin.getByRole('button', { name: 'Save judgments as JSONL' }).waitFor()
    expect(await lin.getByText(/^Comparison \d+$/).innerText()).not.toBe(
      await ada.getByText(/^Comparison \d+$/).innerText(),
    )
    await picture(lin, 'team-lead')
  })

  it('takes back one’s own, which comes on screen again', async () => {
    const before = await ada.getByText(/^Comparison \d+$/).innerText()
    await ada.keyboard.press('z')
    await ada.getByText('Comparison 1', { exact: true }).waitFor()
    await ada.getByText('0 of 600').waitFor()
    expect(before).not.toBe('Comparison 1')
  })

  it('tells whoever is shown out', async () => {
    members.remove('Ada')
    await ada.getByText('This browser may not label here').waitFor()
    await picture(ada, 'team-out')
  })

  it('was served without a complaint in the console, but for the line that closed', () =>
    expect(complaints.filter((text) => !/WebSocket|403/.test(text))).toEqual([]))
})
