/**
 * Why a native module does not load, in a sentence that a person can act on. The system's loader says it in words of
 * its own, which differ from system to system; a row is what it says, and what that means.
 */
import { StudioFailure } from '../../src-shared/result'

interface LoaderSays {
  readonly when: RegExp
  readonly means: (found: RegExpExecArray) => string
}

const again = 'Install the package for this machine again.'

const rows: readonly LoaderSays[] = [
  {
    when: /(?:The specified module could not be found|ERR_DLOPEN_FAILED.*\b126\b)/,
    means: () =>
      'A library of Windows is missing: Microsoft’s Visual C++ runtime. Install it from ' +
      'https://aka.ms/vs/17/release/vc_redist.x64.exe, and start the studio again.',
  },
  {
    when: /version [`'](GLIBC(?:XX)?_[\d.]+)' not found/,
    means: ([, version]) =>
      `This system is older than the program needs (${version} is missing): it runs from Debian 12, Ubuntu 22.04 and ` +
      'systems of their age on.',
  },
  {
    when: /(\S+): cannot open shared object file/,
    means: ([, library]) =>
      `The library ${library} is missing on this system: install it with the system’s packages, and start the studio ` +
      'again.',
  },
  {
    when: /invalid ELF header|wrong ELF class|is not a valid Win32 application|incompatible architecture|mach-o, but wrong/i,
    means: () => `A part of the program is made for another kind of machine. ${again}`,
  },
  {
    when: /code signature.*not valid|library load disallowed by system policy/i,
    means: () => `macOS refuses a part of the program, whose signature does not fit. ${again}`,
  },
  {
    when: /Library not loaded: (\S+)/,
    means: ([, library]) => `The library ${library} is missing from the program. ${again}`,
  },
  {
    when: /file too short|not a mach-o file|file not recognized/i,
    means: () => `A part of the program is damaged. ${again}`,
  },
  {
    when: /Cannot find (?:module|package) '[^']*?(better[-_]sqlite3|onnxruntime|koffi)[^']*'/,
    means: ([, name]) => `A part of the program is missing (${name}). ${again}`,
  },
]

/** @returns undefined when nothing in it is a loader's */
export function nativeProblem(said: string): string | undefined {
  for (const { when, means } of rows) {
    const found = when.exec(said)
    if (found) return means(found)
  }
  return undefined
}

/** Why the studio does not open, for people. */
export const startProblem = (error: unknown): string =>
  error instanceof StudioFailure
    ? error.message
    : (nativeProblem(String(error)) ?? `Something broke inside the studio: ${String(error)}`)
