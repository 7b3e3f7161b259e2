/**
 * The program's icon in the sizes and files that each system wants, drawn by Chromium from one picture.
 *
 *   node scripts/package/icons.mjs      after icon.svg has changed
 */
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { findCommand } from '../debian.mjs'

export const iconSizes = [16, 32, 48, 64, 128, 256, 512]
const folder = path.join(import.meta.dirname, 'icons')

async function draw() {
  const { chromium } = await import('playwright-core')
  const executablePath = findCommand('chromium') ?? findCommand('google-chrome')
  const browser = await chromium.launch({ executablePath, args: ['--headless', '--no-sandbox'] })
  const picture = fs.readFileSync(path.join(folder, 'icon.svg'), 'utf8')
  const drawn = new Map()
  for (const size of [...iconSizes, 1024]) {
    const page = await browser.newPage({ viewport: { width: size, height: size } })
    await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px}</style>${picture}`)
    drawn.set(size, await page.screenshot({ omitBackground: true }))
    await page.close()
  }
  await browser.close()
  return drawn
}

/** Windows: a list of pictures, each a PNG; 256 is written as 0. */
function ico(pictures) {
  const head = Buffer.alloc(6 + 16 * pictures.length)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(pictures.length, 4)
  let offset = head.length
  pictures.forEach(([size, png], index) => {
    const at = 6 + 16 * index
    head.writeUInt8(size % 256, at)
    head.writeUInt8(size % 256, at + 1)
    head.writeUInt16LE(1, at + 4)
    head.writeUInt16LE(32, at + 6)
    head.writeUInt32LE(png.length, at + 8)
    head.writeUInt32LE(offset, at + 12)
    offset += png.length
  })
  return Buffer.concat([head, ...pictures.map(([, png]) => png)])
}

const icnsTypes = { 128: 'ic07', 256: 'ic08', 512: 'ic09', 1024: 'ic10' }

/** macOS: blocks of a type, a length and a PNG. */
function icns(pictures) {
  const blocks = pictures.map(([size, png]) => block(icnsTypes[size], png))
  return block('icns', Buffer.concat(blocks))
}

function block(type, content) {
  const head = Buffer.alloc(8)
  head.write(type, 'latin1')
  head.writeUInt32BE(8 + content.length, 4)
  return Buffer.concat([head, content])
}

async function main() {
  const drawn = await draw()
  const of = (...sizes) => sizes.map((size) => [size, drawn.get(size)])
  for (const size of iconSizes) fs.writeFileSync(path.join(folder, `${size}.png`), drawn.get(size))
  fs.writeFileSync(path.join(folder, 'icon.png'), drawn.get(512))
  fs.writeFileSync(path.join(folder, 'icon.ico'), ico(of(16, 32, 48, 64, 128, 256)))
  fs.writeFileSync(path.join(folder, 'icon.icns'), icns(of(128, 256, 512, 1024)))
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await main()
