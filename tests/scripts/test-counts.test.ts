/** The closing line of `npm test`: what it counts, and that a reason stands there once. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
// @ts-expect-error a script without types
import { closingLines, sum } from '../../scripts/test-counts.mjs'

const root = resolve(import.meta.dirname, '../..')

describe('the closing lines', () => {
  const unit = { passed: 3, failed: 0, skipped: [{ reason: 'there is no GPU', tests: 2 }] }
  const studio = { passed: 4, failed: 1, skipped: [{ reason: 'there is no GPU', tests: 1 }] }

  it('name each reason once with its count, and end with the sums', () => {
    expect(closingLines(sum([unit, studio]))).toEqual([
      'skipped 3: there is no GPU',
      '7 passed, 1 failed, 3 skipped',
    ])
  })

  it('say nothing was skipped when nothing was', () => {
    expect(closingLines(sum([{ passed: 2, failed: 0, skipped: [] }]))).toEqual([
      '2 passed, 0 failed, 0 skipped',
    ])
  })
})

describe('the reporter', () => {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, '.cache/counted-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  it('counts tests, files that do not load, and reasons wherever they stand', { timeout: 120_000 }, () => {
    const test = (name: string, text: string) =>
      writeFileSync(join(folder, name), `import { describe, it, expect } from 'vitest'\n${text}`)
    test('good.test.ts', `it('adds', () => expect(1 + 1).toBe(2))\nit('errs', () => expect(1 + 1).toBe(3))`)
    test('broken.test.ts', `throw new Error('does not load')`)
    test(
      'skipped.test.ts',
      `describe.skip('on a GPU (skipped: there is none (yet))', () => { it('runs', () => {}); it('ends', () => {}) })
       it('asks', (context) => context.skip('nobody is here'))`,
    )
    writeFileSync(join(folder, 'vitest.config.mjs'), 'export default {}')
    const counts = join(folder, 'counts.json')
    spawnSync(
      process.execPath,
      [
        join(root, 'node_modules/vitest/vitest.mjs'),
        ...['run', '--root', folder, '--reporter', join(root, 'scripts/test-counts.mjs')],
      ],
      { env: { ...process.env, STUDIO_TEST_COUNTS: counts } },
    )
    expect(JSON.parse(readFileSync(counts, 'utf8'))).toEqual({
      passed: 1,
      failed: 2,
      skipped: [
        { reason: 'there is none (yet)', tests: 2 },
        { reason: 'nobody is here', tests: 1 },
      ],
    })
  })
})
