/** Unit and learning tests; whole stories have a configuration of their own in tests/studio. */
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
// @ts-expect-error a script without types
import { helpPages } from './scripts/help-pages.mjs'
// @ts-expect-error a script without types
import { insideDefined } from './scripts/package/licences.mjs'

export default defineConfig({
  plugins: [vue(), helpPages()],
  define: insideDefined(),
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/studio/**', 'tests/package/**'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 180_000,
    // The demo's report carries its style sheet as text; all other style sheets are left out of tests.
    css: { include: [/page\.css/] },
  },
})
