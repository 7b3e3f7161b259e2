import { defineConfig } from 'vitest/config'

/** The story of an installed package, one step after the other: `npm run package -- --check` starts it. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    pool: 'forks',
    testTimeout: 300_000,
    hookTimeout: 120_000,
  },
})
