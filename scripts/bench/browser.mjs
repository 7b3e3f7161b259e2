/** A headless Chromium for measuring, and a measure of how long its window was held up. */
import { chromium } from 'playwright-core'
import { findCommand } from '../debian.mjs'

export const chromiumPath = () =>
  ['chromium', 'google-chrome', 'chromium-browser'].map(findCommand).find(Boolean)

export const openBrowser = () =>
  chromium.launch({
    executablePath: chromiumPath(),
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      '--headless',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })

/** Runs in the page: notes the longest time between two frames and the longest task from now on. */
export const startWatch = (page) =>
  page.evaluate(() => {
    const seen = { frameMs: 0, taskMs: 0 }
    window.heldUp = seen
    let lastMs = performance.now()
    const frame = (nowMs) => {
      seen.frameMs = Math.max(seen.frameMs, nowMs - lastMs)
      lastMs = nowMs
      requestAnimationFrame(frame)
    }
    requestAnimationFrame((nowMs) => {
      lastMs = nowMs
      requestAnimationFrame(frame)
    })
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.taskMs = Math.max(seen.taskMs, duration)
    }).observe({ type: 'longtask' })
  })

/** @returns the longest the window was held up since, in milliseconds */
export const heldUpMs = (page) => page.evaluate(() => Math.max(window.heldUp.frameMs, window.heldUp.taskMs))
