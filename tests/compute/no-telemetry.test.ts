/** Nothing leaves the machine, and nothing is kept of it: ONNX Runtime's own reports are off wherever it is used. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { builtMain } from '../helpers/built-main'

const folder = mkdtempSync(path.join(tmpdir(), 'no-telemetry-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('looks at every device without a file in the home or among the temporary ones', async () => {
  const { cli } = await builtMain()
  const [home, temporary] = ['home', 'temporary'].map((name) => path.join(folder, name))
  for (const each of [home!, temporary!]) mkdirSync(each)
  // What switches it off in the machines that test other programs must not hide what happens on a desk.
  const { CI: _ci, GITHUB_ACTIONS: _actions, ORT_DISABLE_TELEMETRY: _own, ...environment } = process.env
  const { status, stdout } = spawnSync(process.execPath, [cli, 'devices', '--json'], {
    env: { ...environment, HOME: home, TMPDIR: temporary, XDG_CACHE_HOME: '' },
    encoding: 'utf8',
  })
  expect(status).toBe(0)
  expect(stdout).toContain('"cpu"')
  expect(readdirSync(temporary!)).toEqual([])
  expect(readdirSync(home!, { recursive: true })).toEqual([])
})

it('is imported by every file that loads the library', () => {
  const compute = path.join(import.meta.dirname, '../../src-main/compute')
  const loading = readdirSync(compute, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file, text: readFileSync(path.join(compute, file), 'utf8') }))
    .filter(
      ({ text }) => /^import (?!type).*'onnxruntime-node/m.test(text) || text.includes("('onnxruntime-node/"),
    )
  expect(loading.length).toBeGreaterThan(3)
  expect(loading.filter(({ text }) => !text.includes("/no-telemetry'")).map(({ file }) => file)).toEqual([])
})
