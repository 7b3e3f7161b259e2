import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { goTo, importFile, launch, runIs } from './harness/hands'
import { tinyModel, writeDemonstrations } from './harness/samples'
import { whyNoChromium, openBrowser, openPage, openServer, picture, storyFolder } from './harness/studios'
import { skipped } from '../helpers/skipping'

describe.skipIf(whyNoChromium !== undefined)(
  `when something goes wrong, the studio${skipped(whyNoChromium)}`,
  () => {
    const folder = storyFolder()
    const registry = path.join(folder.path, 'registry.sqlite')
    let server: Awaited<ReturnType<typeof openServer>>
    let browser: Awaited<ReturnType<typeof openBrowser>>
    let opened: Awaited<ReturnType<typeof openPage>>
    beforeAll(async () => {
      server = await openServer(registry)
      browser = await openBrowser()
      opened = await openPage(browser, server.address)
      await opened.page.getByText('Review preference pairs').first().waitFor()
    })
    afterAll(async () => {
      await browser?.close()
      await server?.close()
      folder.remove()
    })
    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail')
        await picture(opened.page, `failed-${task.name.replaceAll(' ', '-').slice(0, 60)}`)
    })

    /** The note about a file that was refused. */
    async function refusal(name: string, content: string): Promise<string> {
      const file = path.join(folder.path, name)
      writeFileSync(file, content)
      await importFile(opened.page, file)
      const note = opened.page.getByRole('alert').filter({ hasText: name })
      await note.waitFor()
      await picture(opened.page, `refused-${name}`)
      const text = await note.innerText()
      await note.getByRole('button', { name: 'Dismiss' }).click()
      return text
    }

    it('refuses a broken file whole, with its line and the reason', async () => {
      const text = await refusal(
        'broken.jsonl',
        '{"prompt":"a","chosen":"b","rejected":"c"}\n{"prompt":"a","rejected":"c"}\n',
      )
      expect(text).toContain('line 2')
      expect(text).toContain('"chosen" is missing')
      expect(text).toContain('Nothing was added')
      expect(await opened.page.getByText('broken', { exact: true }).count()).toBe(0)
    })

    it('refuses an empty file and a file that is no text, in words', async () => {
      expect(await refusal('empty.jsonl', '')).toMatch(/empty/i)
      expect(await refusal('picture.jsonl', '\x00\x01\x02\x03\xff\xfe')).toMatch(
        /picture\.jsonl was not imported/,
      )
    })

    it('starts nothing with wrong settings, and says beside the field why', async () => {
      await goTo(opened.page, 'Launch')
      await opened.page
        .getByRole('button', { name: /Pretrain/ })
        .first()
        .click()
      await opened.page.getByLabel('Learning rate', { exact: true }).fill('99')
      await opened.page
        .getByRole('alert')
        .filter({ hasText: /must be between/ })
        .first()
        .waitFor()
      expect(await opened.page.getByRole('button', { name: /Start training/ }).isDisabled()).toBe(true)
      await picture(opened.page, 'refused-setting')
      await opened.page.getByLabel('Learning rate', { exact: true }).fill('0.001')
    })

    it('refuses a second start on the same registry, and goes on itself', async () => {
      await expect(openServer(registry)).rejects.toThrow(/already open in another studio/)
      await goTo(opened.page, 'Datasets')
      await opened.page.getByText('Review preference pairs').first().waitFor()
    })

    it('refuses a registry of a newer version and leaves it as it is', async () => {
      const newer = path.join(folder.path, 'newer.sqlite')
      await (await openServer(newer)).close()
      const db = new Database(newer)
      db.pragma('user_version = 9999')
      db.close()
      await expect(openServer(newer)).rejects.toThrow(/newer/)
      const after = new Database(newer, { readonly: true })
      expect(after.pragma('user_version', { simple: true })).toBe(9999)
      after.close()
    })

    it('shows a run whose process was killed as failed, keeps its checkpoint, and resumes it', async () => {
      const { page } = opened
      await importFile(page, writeDemonstrations(folder.path, 'sentences.jsonl', 200))
      await page.getByRole('heading', { name: 'sentences' }).waitFor()
      await launch(page, {
        recipe: /Pretrain/,
        name: 'interrupted',
        inputs: { Text: /sentences\b.*200/s },
        settings: { ...tinyModel, Updates: 1000, 'Checkpoint every': 20 },
      }) // long enough to be seen running on a quiet machine
      await runIs(page, 'interrupted', 'running')
      await page.getByText(/Update (?:[4-9]\d|\d{3}) of 1,000/).waitFor() // past the first checkpoint
      killChildren(server.child.pid!)
      await runIs(page, 'interrupted', 'failed')
      await page
        .getByText(/The compute process was killed/)
        .first()
        .waitFor()
      await page.getByText(/Checkpoint at update \d+/).waitFor()
      await picture(page, 'killed')
      await page.keyboard.press('r')
      await runIs(page, 'interrupted', 'finished')
      await picture(page, 'resumed')
    })
  },
)

/** kill -9 to every process that this one started. */
function killChildren(pid: number): void {
  const listed = `/proc/${pid}/task/${pid}/children`
  const text = existsSync(listed)
    ? readFileSync(listed, 'utf8')
    : execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
  for (const child of text.trim().split(/\s+/)) process.kill(Number(child), 'SIGKILL')
}
