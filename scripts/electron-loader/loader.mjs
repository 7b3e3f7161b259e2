/**
 * Stands in for Electron's own default app, which the test runtime lacks: `electron [flags] <app folder or
 * entry file> [arguments]`. Top-level await makes Electron hold back `ready` until the app's own main module
 * has been evaluated.
 */
import { app } from 'electron'
import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const place = process.argv.findIndex(
  (argument, index) => index > 0 && !argument.startsWith('-') && process.argv[index - 1] !== '-r',
)
if (place < 0) {
  console.error('usage: electron [flags] <app folder or entry file> [arguments]')
  process.exit(2)
}
const target = path.resolve(process.argv[place])
process.argv.splice(1, place, target) // argv[1] is the app, as under Electron's default app
process.defaultApp = true
await import(pathToFileURL(statSync(target).isDirectory() ? entryOf(target) : target).href)

function entryOf(folder) {
  const { productName, name, version, main } = JSON.parse(
    readFileSync(path.join(folder, 'package.json'), 'utf8'),
  )
  app.setName(productName ?? name)
  app.setVersion(version)
  app.setAppPath(folder)
  app.setPath(
    'userData',
    app.commandLine.getSwitchValue('user-data-dir') || path.join(app.getPath('appData'), app.getName()),
  )
  return path.join(folder, main)
}
