/** What of this program goes to another machine is enough to start there: its native packages load from it alone. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { programPackage } from '../../src-main/cluster/program-package'
import { builtMain } from '../helpers/built-main'
import { testFolder } from '../helpers/registry'
import { skipped } from '../helpers/skipping'

const whyNot =
  process.platform === 'linux' && process.arch === 'x64' ? undefined : 'its packages are for Linux on x64'

describe.skipIf(whyNot)(`the program for a cluster${skipped(whyNot)}`, () => {
  it('has all that its native packages load: a call, a database, a session', async () => {
    const root = resolve(import.meta.dirname, '../..')
    const place = { entry: (await builtMain()).clusterRun, root, resources: join(root, 'resources') }
    const { entries } = programPackage(place)
    const folder = testFolder()
    const native =
      /^node_modules\/(koffi|@koromix|better-sqlite3|bindings|file-uri-to-path|onnxruntime-\w+)\//
    for (const { name, path } of entries.filter((each) => native.test(each.name))) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      cpSync(path, join(folder, name))
    }
    const program = `
      const koffi = require('koffi')
      const rows = new (require('better-sqlite3'))(':memory:').prepare('SELECT 7 AS seven').all()
      const length = koffi.load('libc.so.6').func('size_t strlen(const char *text)')
      console.log(JSON.stringify([length('four'), rows, typeof require('onnxruntime-node').InferenceSession]))`
    const said = execFileSync(process.execPath, ['-e', program], { cwd: folder, encoding: 'utf8' })
    expect(JSON.parse(said)).toEqual([4, [{ seven: 7 }], 'function'])
    expect(entries.map(({ name }) => name).filter((name) => /\.(cc|hh|h|asm|S)$/.test(name))).toEqual([])
  })
})
