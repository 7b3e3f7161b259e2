/** How the studio is built: main with its entries, the preload script, the page. `npm run dev` follows the same. */
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'
import { resolve } from 'node:path'
// @ts-expect-error a script without types
import { helpPages } from './scripts/help-pages.mjs'
// @ts-expect-error a script without types
import { insideDefined } from './scripts/package/licences.mjs'
import { pageHeaders } from './src-main/border/page-files'

const at = (path: string) => resolve(import.meta.dirname, path)

/** Programs of their own. */
const mainEntries = ['app', 'headless', 'cli', 'demo', 'compute-process', 'cluster-run', 'reading-thread']

// Explicit targets: the oldest runtime the tests use (Electron 33: Node 20.18, Chromium 130), not the
// installed package's.
export default defineConfig(({ command }) => ({
  main: {
    // A built program knows no page but its own, whatever its environment says.
    define: command === 'build' ? { 'process.env.ELECTRON_RENDERER_URL': 'undefined' } : {},
    build: {
      target: 'node20.18',
      outDir: 'out/main',
      rollupOptions: {
        input: Object.fromEntries(mainEntries.map((name) => [name, at(`src-main/${name}.ts`)])),
      },
    },
  },
  preload: {
    build: {
      target: 'node20.18',
      outDir: 'out/preload',
      rollupOptions: {
        input: { preload: at('src-main/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: at('src-renderer'),
    define: insideDefined(import.meta.dirname),
    // The development server locks the page in as the studio does.
    server: { host: '127.0.0.1', headers: pageHeaders, fs: { allow: [at('.')] } },
    build: {
      target: 'chrome130',
      outDir: at('out/renderer'),
      rollupOptions: { input: { index: at('src-renderer/index.html'), team: at('src-renderer/team.html') } },
    },
    plugins: [vue(), helpPages()],
  },
}))
