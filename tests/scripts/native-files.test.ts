/**
 * What a native file is for is read from its own header: checked against binaries whose folders say so, for every
 * system that ONNX Runtime and SQLite's driver bring one for.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
// @ts-expect-error a script without types
import { misplaced, nativeFiles, nativeKind } from '../../scripts/package/native-files.mjs'

const root = path.join(import.meta.dirname, '../..')
const onnx = path.join(root, 'node_modules/onnxruntime-node/bin/napi-v6')
const folder = mkdtempSync(path.join(tmpdir(), 'native-files-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('a native file', () => {
  const files: readonly {
    readonly file: string
    readonly system: string
    readonly machines: readonly string[]
  }[] = nativeFiles(onnx)

  it('says the system and the machine that its folder says', () => {
    expect(files.length).toBeGreaterThan(10)
    for (const { file, system, machines } of files)
      expect([system, ...machines].join('/')).toBe(path.dirname(file))
    expect(new Set(files.map(({ file }) => path.dirname(file)))).toEqual(
      new Set(['linux/x64', 'linux/arm64', 'win32/x64', 'win32/arm64', 'darwin/arm64']),
    )
  })

  it.each(['linux-x64', 'linux-arm64', 'win32-x64', 'win32-arm64', 'darwin-x64', 'darwin-arm64'])(
    'of SQLite’s driver for %s says so',
    (target) => {
      const kind = nativeKind(path.join(root, 'node_modules/better-sqlite3/prebuilds', `${target}.node`))
      expect(`${kind.system}-${kind.machines.join()}`).toBe(target)
    },
  )

  it('for several machines names each of them', () => {
    const head = Buffer.alloc(4096)
    head.writeUInt32BE(0xcafebabe, 0)
    head.writeUInt32BE(2, 4)
    head.writeUInt32BE(0x01000007, 8)
    head.writeUInt32BE(0x0100000c, 28)
    writeFileSync(path.join(folder, 'fat.dylib'), head)
    expect(nativeKind(path.join(folder, 'fat.dylib'))).toEqual({
      system: 'darwin',
      machines: ['x64', 'arm64'],
    })
  })

  it('is told from a text, a class of Java and a program of DOS', () => {
    const notNative = {
      'a.txt': 'MZ is how some texts begin',
      'A.class': '\xca\xfe\xba\xbe\0\0\0\x34',
      'old.exe': 'MZ',
    }
    for (const [name, begin] of Object.entries(notNative)) {
      writeFileSync(path.join(folder, name), Buffer.from(begin.padEnd(100, '\0'), 'latin1'))
      expect(nativeKind(path.join(folder, name))).toBeUndefined()
    }
  })
})

describe('a package with a binary of another machine in it', () => {
  it('is refused with the file’s name, whatever its folder is called', () => {
    const wrong = path.join(folder, 'package/linux/x64')
    mkdirSync(wrong, { recursive: true })
    cpSync(
      path.join(onnx, 'linux/arm64/onnxruntime_binding.node'),
      path.join(wrong, 'onnxruntime_binding.node'),
    )
    cpSync(path.join(onnx, 'linux/x64/onnxruntime_binding.node'), path.join(wrong, 'right.node'))
    expect(misplaced(path.join(folder, 'package'), 'linux', 'x64')).toEqual([
      'linux/x64/onnxruntime_binding.node is for linux on arm64, not linux on x64',
    ])
  })
})
