import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mainJob } from './harness/main-job'
import {
  whyNoChromium,
  whyNoElectron,
  openBrowser,
  openPage,
  openServer,
  openWindow,
  storyFolder,
} from './harness/studios'
import { skipped } from '../helpers/skipping'

describe.skipIf(whyNoElectron !== undefined)(
  `the main job in an Electron window${skipped(whyNoElectron)}`,
  () => {
    const folder = storyFolder()
    let window: Awaited<ReturnType<typeof openWindow>>
    beforeAll(async () => {
      window = await openWindow(`${folder.path}/registry.sqlite`, `${folder.path}/settings`)
    })
    afterAll(async () => {
      await window?.close()
      folder.remove()
    })

    mainJob(
      'window',
      () => window.page,
      () => folder.path,
    )

    it('was done without a complaint in the console', () => expect(window.complaints).toEqual([]))
  },
)

describe.skipIf(whyNoChromium !== undefined)(`the main job in a browser${skipped(whyNoChromium)}`, () => {
  const folder = storyFolder()
  let server: Awaited<ReturnType<typeof openServer>>
  let browser: Awaited<ReturnType<typeof openBrowser>>
  let opened: Awaited<ReturnType<typeof openPage>>
  beforeAll(async () => {
    server = await openServer(`${folder.path}/registry.sqlite`)
    browser = await openBrowser()
    opened = await openPage(browser, server.address)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
    folder.remove()
  })

  mainJob(
    'browser',
    () => opened.page,
    () => folder.path,
  )

  it('was done without a complaint in the console', () => expect(opened.complaints).toEqual([]))
})
