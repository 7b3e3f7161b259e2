/** `npm run demo [-- --out DIR --seed N --quick]`: sets up, then runs the main job in the terminal. */
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { root, setUp } from './setup.mjs'

try {
  setUp()
} catch (error) {
  console.error(error.message)
  process.exit(1)
}
await import(pathToFileURL(path.join(root, 'out/main/demo.js')).href)
