/** The page alone on sample records, served from its sources: every room, and the gallery of components. */
import vue from '@vitejs/plugin-vue'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createServer } from 'vite'
// @ts-expect-error a script without types
import { helpPages } from '../../../scripts/help-pages.mjs'
// @ts-expect-error a script without types
import { insideDefined } from '../../../scripts/package/licences.mjs'
import { root } from './studios'

export interface SamplePage {
  readonly address: string
  close(): Promise<void>
}

export async function servePage(): Promise<SamplePage> {
  const server = await createServer({
    configFile: false,
    root: path.join(root, 'src-renderer'),
    cacheDir: path.join(tmpdir(), 'studio-sample-page'),
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null, fs: { allow: [root] } },
    optimizeDeps: { entries: ['dev/index.html'] },
    plugins: [vue(), helpPages()],
    define: insideDefined(),
    logLevel: 'error',
  })
  await server.listen()
  return {
    address: new URL('/dev/', server.resolvedUrls!.local[0]).href,
    close: () => server.close(),
  }
}

/** The rooms by their addresses, each in the states in which a person meets it. */
export const roomAddresses: Readonly<Record<string, string>> = {
  'first-steps': '#/first-steps',
  datasets: '#/datasets',
  label: '#/label',
  launch: '#/launch',
  runs: '#/runs?show=charts',
  'runs as a table': '#/runs?show=table',
  lineage: '#/runs?show=lineage',
  compare: '#/compare?mode=tokens',
  arena: '#/compare?mode=arena',
  chat: '#/compare?mode=chat',
  models: '#/models',
  settings: '#/settings',
  help: '#/help',
}
