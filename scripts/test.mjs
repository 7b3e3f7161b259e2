/**
 * `npm test [-- PART …]`: sets up, runs every part (or those named) and closes with the line `N passed, N
 * failed, N skipped`. What cannot run on this machine says why and what to type; it is never counted as
 * passed.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { checks, runCheck } from './checks.mjs'
import { ensureSystem, findCommand } from './debian.mjs'
import { downloadElectron, installedElectron } from './electron-binary.mjs'
import { bin, root, setUp } from './setup.mjs'
import { closingLines, sum } from './test-counts.mjs'

const TEST_NODE_API = 9 // of the oldest Electron the stories may run in
const started = Date.now()

/** Each part answers with what passed, what failed, and why it left something out. */
const parts = {
  types: () => check(['types of src-shared', 'types']),
  lint: () => check(['lint']),
  imports: () => check(['imports']),
  unit: () => vitest('unit and learning tests', []),
  studio: stories,
  cluster: () => vitest('runs on a Ray cluster', ['tests/cluster']),
}
/** Part of `unit`, too, which skips what is not installed. */
const byName = ['cluster']

/** What a part needs of the system. */
const systemNeeds = { unit: ['tests of GPUs'], studio: ['stories in a window and a browser'] }

await main(process.argv.slice(2))

async function main(asked) {
  const unknown = asked.filter((name) => !Object.hasOwn(parts, name))
  if (unknown.length > 0)
    fail(`There is no part ${unknown.join(', ')}. Parts: ${Object.keys(parts).join(', ')}`)
  const chosen = asked.length > 0 ? asked : Object.keys(parts).filter((name) => !byName.includes(name))
  try {
    setUp(console.log, Math.min(TEST_NODE_API, Number(process.versions.napi)))
  } catch (error) {
    console.error(error.message)
    close([{ passed: 0, failed: 1, skipped: [] }])
  }
  ensureSystem(chosen.flatMap((name) => systemNeeds[name] ?? []))
  const results = []
  for (const name of chosen) results.push(await parts[name]())
  close(results)
}

function close(results) {
  const total = sum(results)
  console.log(`\nin ${Math.round((Date.now() - started) / 1000)} s`)
  console.log(closingLines(total).join('\n'))
  process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1)
}

function fail(problem) {
  console.error(problem)
  process.exit(2)
}

/** Programs that are content or not. */
async function check(names) {
  const results = []
  for (const name of names) results.push(await runCheck(name, checks[name]))
  const passed = results.filter(Boolean).length
  return { passed, failed: results.length - passed, skipped: [] }
}

/** A vitest run, counted by its reporter. */
function vitest(title, args, { environment = {}, wrapper = [] } = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'studio-test-'))
  const counts = path.join(folder, 'counts.json')
  const reporters = ['default', path.join(import.meta.dirname, 'test-counts.mjs')]
  const command = [
    ...wrapper,
    process.execPath,
    bin('vitest', 'vitest'),
    'run',
    ...reporters.map((reporter) => `--reporter=${reporter}`),
    ...args,
  ]
  console.log(`\n${title}`)
  const { status } = spawnSync(command[0], command.slice(1), {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, STUDIO_TEST_COUNTS: counts, ...environment },
  })
  const result = fs.existsSync(counts)
    ? JSON.parse(fs.readFileSync(counts, 'utf8'))
    : { passed: 0, failed: 0, skipped: [] }
  fs.rmSync(folder, { recursive: true })
  return status !== 0 && result.failed === 0 ? { ...result, failed: 1 } : result
}

/** Whole stories in a real Electron window and in a real Chromium. */
async function stories() {
  const { electron, whyNot } = await electronForTests()
  const chromium = findCommand('chromium') ?? findCommand('google-chrome') ?? findCommand('chromium-browser')
  const needsScreen = process.platform === 'linux' && findCommand('xvfb-run') !== undefined
  return vitest('end-to-end stories', ['--config', 'tests/studio/vitest.config.ts'], {
    environment: {
      ...(electron ? { STUDIO_TEST_ELECTRON: electron } : { STUDIO_TEST_WHY_NO_ELECTRON: whyNot }),
      ...(chromium ? { STUDIO_TEST_CHROMIUM: chromium } : {}),
    },
    wrapper: needsScreen ? ['xvfb-run', '-a', '-s', '-screen 0 1280x800x24'] : [],
  })
}

/** The Electron that is installed, else a runtime of its own kind, else a download; or why there is none. */
async function electronForTests() {
  const own = installedElectron()
  if (own) return { electron: own }
  if (process.platform === 'linux' && !findCommand('xvfb-run')) return { whyNot: 'there is no xvfb-run' }
  const { electronRuntime } = await import('./electron-runtime.mjs')
  try {
    return { electron: await electronRuntime() }
  } catch (error) {
    const problem = await downloadElectron()
    if (problem === undefined) return { electron: installedElectron() }
    return {
      whyNot: `${error.message}, and Electron could not be downloaded: ${problem}; try npx install-electron`,
    }
  }
}
