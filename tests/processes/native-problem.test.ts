/** What the loaders of three systems say, word for word from public reports, and what people read instead. */
import { describe, expect, it } from 'vitest'
import { endInWords } from '../../src-main/processes/compute-child'
import { nativeProblem } from '../../src-main/places/native-problem'

describe('a native module that does not load', () => {
  it.each([
    [
      'Error: The specified module could not be found.\n\\\\?\\C:\\app\\onnxruntime_binding.node',
      /Microsoft’s Visual C\+\+ runtime.*https:\/\/aka\.ms\/vs\/17\/release\/vc_redist\.x64\.exe/,
    ],
    [
      "Error: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /opt/x/better_sqlite3.node)",
      /older than the program needs \(GLIBC_2\.34 is missing\)/,
    ],
    [
      'libonnxruntime.so.1: cannot open shared object file: No such file or directory',
      /The library libonnxruntime\.so\.1 is missing on this system/,
    ],
    ['Error: /app/better_sqlite3.node: invalid ELF header', /another kind of machine/],
    [
      'Error: \\\\?\\C:\\app\\better_sqlite3.node is not a valid Win32 application.',
      /another kind of machine/,
    ],
    [
      "dlopen(better_sqlite3.node, 0x0001): tried: (mach-o file, but is an incompatible architecture (have 'x86_64'))",
      /another kind of machine/,
    ],
    [
      'Library not loaded: @rpath/libonnxruntime.1.21.0.dylib',
      /libonnxruntime\.1\.21\.0\.dylib is missing from the program/,
    ],
    [
      "Error: Cannot find module '../bin/napi-v6/win32/x64/onnxruntime_binding.node'",
      /A part of the program is missing \(onnxruntime\)/,
    ],
  ])('%s', (said, means) => expect(nativeProblem(said)).toMatch(means))

  it('is told from other errors', () =>
    expect(nativeProblem("TypeError: Cannot read properties of undefined (reading 'x')")).toBeUndefined())

  it('is why a compute process ended', () =>
    expect(
      endInWords({
        code: 1,
        signal: null,
        lastWords: 'libgomp.so.1: cannot open shared object file: No such file',
      }),
    ).toBe(
      'The compute process could not start. The library libgomp.so.1 is missing on this system: install it with the ' +
        'system’s packages, and start the studio again',
    ))
})
