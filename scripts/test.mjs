/**
 * `npm test [-- PART …]`: sets up, runs every part (or those named) and closes with the line `N passed, N
 * failed`. A part that cannot run on this machine says why and what to type; it is never counted as passed.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { ensureDebianPackages, findCommand } from './debian.mjs'
import { downloadElectron, installedElectron } from './electron-binary.mjs'
import { bin, root, setUp } from './setup.mjs'

const TEST_NODE_API = 9 // of the oldest Electron the stories may run in
const started = Date.now()

/** Each part answers with what passed and failed, and in words what it left out. */
const parts = {
  types: () =>
    sum([
      check('types of src-shared, without Node and DOM', bin('typescript', 'tsc'), [
        '--noEmit',
        '-p',
        'src-shared/tsconfig.json',
      ]),
      check('types of everything, .vue files too', bin('vue-tsc', 'vue-tsc'), [
        '--noEmit',
        '-p',
        'tsconfig.json',
      ]),
    ]),
  lint: () => check('lint', bin('eslint', 'eslint'), ['.', '--quiet']),
  imports: () =>
    check('who may import whom', bin('dependency-cruiser', 'depcruise'), [
      '--config',
      '.dependency-cruiser.cjs',
      'src-main',
      'src-renderer',
      'src-shared',
    ]),
  unit: () => vitest('unit and learning tests', []),
  studio: stories,
}

await main(process.argv.slice(2))

async function main(chosen) {
  const unknown = chosen.filter((name) => !Object.hasOwn(parts, name))
  if (unknown.length > 0)
    fail(`There is no part ${unknown.join(', ')}. Parts: ${Object.keys(parts).join(', ')}`)
  try {
    setUp(console.log, Math.min(TEST_NODE_API, Number(process.versions.napi)))
  } catch (error) {
    console.error(error.message)
    close([{ passed: 0, failed: 1, skipped: [] }])
  }
  const results = []
  for (const name of chosen.length > 0 ? chosen : Object.keys(parts)) results.push(await parts[name]())
  close(results)
}

function close(results) {
  const { passed, failed, skipped } = sum(results)
  for (const line of skipped) console.log(`not run: ${line}`)
  console.log(`\nin ${Math.round((Date.now() - started) / 1000)} s`)
  console.log(`${passed} passed, ${failed} failed`)
  process.exit(failed === 0 && passed > 0 ? 0 : 1)
}

function fail(problem) {
  console.error(problem)
  process.exit(2)
}

function sum(results) {
  return {
    passed: results.reduce((total, each) => total + each.passed, 0),
    failed: results.reduce((total, each) => total + each.failed, 0),
    skipped: results.flatMap((each) => each.skipped),
  }
}

/** One program that is content or not. */
function check(title, script, args) {
  const startedAtMs = Date.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  const isGood = status === 0
  console.log(`${isGood ? '✓' : '✗'} ${title} (${((Date.now() - startedAtMs) / 1000).toFixed(1)} s)`)
  if (!isGood) console.log(`${stdout}${stderr}`.trim())
  return { passed: isGood ? 1 : 0, failed: isGood ? 0 : 1, skipped: [] }
}

/** A vitest run, counted from its own JSON report. */
function vitest(title, args, { environment = {}, wrapper = [] } = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'studio-test-'))
  const report = path.join(folder, 'report.json')
  const command = [
    ...wrapper,
    process.execPath,
    bin('vitest', 'vitest'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...args,
  ]
  console.log(`\n${title}`)
  const { status } = spawnSync(command[0], command.slice(1), {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...environment },
  })
  const result = fs.existsSync(report)
    ? countsOf(JSON.parse(fs.readFileSync(report, 'utf8')))
    : { passed: 0, failed: 0, skipped: [] }
  fs.rmSync(folder, { recursive: true })
  // A file that does not load and an error outside any test fail the run without failing a test.
  return status !== 0 && result.failed === 0 ? { ...result, failed: 1 } : result
}

function countsOf(report) {
  const tests = report.testResults.flatMap((file) =>
    file.assertionResults.map((test) => ({ ...test, file: path.relative(root, file.name) })),
  )
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  )
  const left = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed')
  return {
    passed: tests.filter((test) => test.status === 'passed').length,
    failed: tests.filter((test) => test.status === 'failed').length + brokenFiles.length,
    skipped: left.map((test) => `${test.file}: ${test.fullName}`),
  }
}

/** Whole stories in a real Electron window and in a real Chromium. */
async function stories() {
  const isComplete = ensureDebianPackages(
    { 'xvfb-run': 'xvfb', xauth: 'xauth', chromium: 'chromium' },
    'end-to-end stories',
  )
  const missing = isComplete ? [] : ['end-to-end stories that need a system package named above']
  const electron = await electronForTests(missing)
  const chromium = findCommand('chromium') ?? findCommand('google-chrome') ?? findCommand('chromium-browser')
  const needsScreen = process.platform === 'linux' && findCommand('xvfb-run') !== undefined
  const result = vitest('end-to-end stories', ['--config', 'tests/studio/vitest.config.ts'], {
    environment: {
      ...(electron ? { STUDIO_TEST_ELECTRON: electron } : {}),
      ...(chromium ? { STUDIO_TEST_CHROMIUM: chromium } : {}),
    },
    wrapper: needsScreen ? ['xvfb-run', '-a', '-s', '-screen 0 1280x800x24'] : [],
  })
  return { ...result, skipped: [...missing, ...result.skipped] }
}

async function electronForTests(missing) {
  const own = installedElectron()
  if (own) return own
  const screen = process.platform !== 'linux' || findCommand('xvfb-run')
  if (!screen) return undefined
  const { electronRuntime } = await import('./electron-runtime.mjs')
  try {
    return await electronRuntime()
  } catch (error) {
    const problem = await downloadElectron()
    if (problem)
      missing.push(
        `stories in an Electron window: ${error.message}, and Electron could not be downloaded ` +
          `(${problem}); try npx install-electron`,
      )
    return installedElectron()
  }
}
