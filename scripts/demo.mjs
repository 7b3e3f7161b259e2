/**
 * `npm run demo [-- --out DIR --seed N --quick]`: sets up, then runs the main job in the terminal; with `--all` every
 * algorithm, with `--real` a pretrained model, which is fetched unless `--model` says where one is.
 */
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { fetchSmolLm, smolLm } from './fixtures-smollm.mjs'
import { root, setUp } from './setup.mjs'

try {
  setUp()
  if (process.argv.includes('--real') && !process.argv.some((each) => each.startsWith('--model'))) {
    await fetchSmolLm()
    process.argv.push('--model', smolLm)
  }
} catch (error) {
  console.error(error.message)
  process.exit(1)
}
await import(pathToFileURL(path.join(root, 'out/main/demo.js')).href)
