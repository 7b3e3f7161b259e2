import { defineConfig } from 'vitest/config'

/** Whole stories in real windows: one at a time, slow enough for a loaded machine. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 120_000,
  },
})
