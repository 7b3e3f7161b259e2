/** Rewards on the command line: `rule(code=@rule.js)` stands for what is in the file. */
import { readFileSync } from 'node:fs'
import { StudioFailure } from '../../src-shared/result'

/** A text in quotes, which is left alone, or an @ with the path of a file, in quotes where it has spaces. */
const quotedOrFile = /"(?:[^"]|"")*"|(?<==\s*)@(?:"(?<quoted>[^"]+)"|(?<plain>[^\s,()"]+))/g

/** @throws StudioFailure when a file cannot be read */
export const withFiles = (rewards: string, flag: string): string =>
  rewards.replace(quotedOrFile, (found, quoted?: string, plain?: string) => {
    const path = quoted ?? plain
    return path === undefined ? found : `"${contentsOf(path, flag).replaceAll('"', '""')}"`
  })

function contentsOf(path: string, flag: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new StudioFailure({
      kind: 'invalid-input',
      field: flag,
      problem: `names the file ${path}, which cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'no text'}`,
    })
  }
}
