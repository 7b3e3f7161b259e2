/**
 * What is inside a package, with its licence: every npm package that its program loads or its page was built from,
 * the runtime, and what is bundled with them. Read from the lock file and the packages themselves.
 */
import fs from 'node:fs'
import path from 'node:path'

const root = path.join(import.meta.dirname, '../..')

/** Built into the page, so that no package carries them as folders. */
const pagePackages = ['vue', 'vue-router', 'pinia', 'reka-ui', 'chart.js', '@tanstack/vue-virtual']

/** Not npm's: said by hand. */
const others = [
  { name: 'Electron', version: '', licence: 'MIT' },
  { name: 'Chromium and Node.js, inside Electron', version: '', licence: 'BSD-3-Clause, MIT and others' },
  { name: 'SQLite, inside better-sqlite3', version: '', licence: 'Public domain' },
  { name: 'ONNX Runtime, inside onnxruntime-node', version: '', licence: 'MIT' },
]

/** Left out by electron-builder.config.mjs. */
const isLeftOut = (name) => name.startsWith('@types/') || ['core-js', 'undici-types'].includes(name)

/**
 * @returns `{ name, version, licence, folder }` of each, by name. @param folder holds package-lock.json and
 *   node_modules
 */
export function insidePackages(folder = root) {
  const lock = JSON.parse(fs.readFileSync(path.join(folder, 'package-lock.json'), 'utf8')).packages
  const found = new Map()
  const begin = [...Object.keys(lock[''].dependencies), ...pagePackages]
  for (const name of begin) follow(lock, '', name, found)
  return [...found.values()]
    .filter(({ place }) => fs.existsSync(path.join(folder, place)))
    .map(({ place, name }) => ({
      name,
      version: lock[place].version,
      licence: lock[place].license ?? 'see its text',
      folder: path.join(folder, place),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

/** As Node finds a package: beside the one that asks for it, else further up. */
function follow(lock, from, name, found) {
  let at = from
  while (at !== '' && !lock[`${at}/node_modules/${name}`])
    at = at.replace(/\/?node_modules\/(@[^/]+\/)?[^/]+$/, '')
  const place = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`
  if (!lock[place] || found.has(place) || isLeftOut(name)) return
  found.set(place, { place, name })
  const { dependencies, optionalDependencies } = lock[place]
  for (const next of Object.keys({ ...dependencies, ...optionalDependencies }))
    follow(lock, place, next, found)
}

/** What people read of it. */
export const insideRows = (folder) => [
  ...others,
  ...insidePackages(folder).map(({ name, version, licence }) => ({ name, version, licence })),
]

/**
 * For the page that shows them: what Vite writes into it.
 * @param folder as of `insidePackages`; a configuration that is bundled into one file has to say its own
 */
export const insideDefined = (folder) => ({ __INSIDE__: JSON.stringify(insideRows(folder)) })

/** Writes the texts of all licences into one file, as most of them want. */
export function writeLicences(into) {
  fs.rmSync(into, { recursive: true, force: true })
  fs.mkdirSync(into, { recursive: true })
  const texts = insidePackages().map(
    ({ name, version, licence, folder }) =>
      `${name} ${version}\nLicence: ${licence}\n\n${licenceText(folder) ?? `(${name} brings no text of it.)`}`,
  )
  fs.writeFileSync(path.join(into, 'PACKAGES.txt'), `${texts.join(`\n\n${'='.repeat(80)}\n\n`)}\n`)
}

function licenceText(folder) {
  const file = fs.readdirSync(folder).find((each) => /^(licen[cs]e|copying)/i.test(each))
  return file && fs.readFileSync(path.join(folder, file), 'utf8').trim()
}
