/**
 * `npm run dev -- --page`: the page alone in a browser, on sample records: every room, and the gallery of
 * components at #/gallery. Nothing is trained and nothing is kept.
 */
import vue from '@vitejs/plugin-vue'
import path from 'node:path'
import { createServer } from 'vite'
import { helpPages } from './help-pages.mjs'
import { insideDefined } from './package/licences.mjs'
import { root } from './setup.mjs'

const server = await createServer({
  configFile: false,
  root: path.join(root, 'src-renderer'),
  cacheDir: path.join(root, '.cache/dev-page'),
  server: { host: '127.0.0.1', fs: { allow: [root] } },
  optimizeDeps: { entries: ['dev/index.html'] },
  plugins: [vue(), helpPages()],
  define: insideDefined(),
})
await server.listen()
const address = new URL('/dev/', server.resolvedUrls.local[0])
console.log(`The page alone: ${address}\nThe gallery:    ${address}#/gallery`)
