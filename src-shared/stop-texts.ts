/** Texts that end a completion, as they are typed: commas between them, a backslash before what a line cannot hold. */

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', s: ' ', ',': ',', '\\': '\\' }

const escapeProblem = 'must have one of n, t, s, a comma or \\ after each \\'
const commaProblem = 'must have a text on each side of a comma; a comma itself is written \\,'

/** @returns the texts, none empty; or what is wrong, in words */
export function stopTexts(written: string): readonly string[] | string {
  if (written.trim() === '') return []
  if (!/^(?:\\[nts,\\]|[^\\])*$/su.test(written)) return escapeProblem
  const parts = written.replace(/(\\.)|,/gsu, (_, escaped?: string) => escaped ?? between).split(between)
  if (parts.some((part) => part.trim() === '')) return commaProblem
  return parts.map((part) => part.trim().replace(/\\(.)/gsu, (_, letter: string) => escapes[letter]!))
}

/** Stands for a comma between texts; nobody types it. */
const between = '\u0000'
