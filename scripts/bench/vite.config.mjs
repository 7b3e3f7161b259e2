/** Builds the programs of the benches that import the studio's own modules, as plain Node programs in out/bench/. */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { defineConfig } from 'vite'

const here = import.meta.dirname
const programs = ['peers', 'work'].flatMap((folder) =>
  readdirSync(path.join(here, folder))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [name.slice(0, -3), path.join(here, folder, name)]),
)

export default defineConfig({
  root: path.join(here, '../..'),
  build: {
    ssr: true,
    outDir: 'out/bench',
    target: 'node20.18',
    rollupOptions: { input: Object.fromEntries(programs) },
  },
})
