/** Texts that end a completion, as they are typed: commas between them, a backslash before what a line cannot hold. */

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  s: ' ',
  ',': ',',
  '\\': '\\',
}

const escapeProblem = 'must have one of n, r, t, s, a comma or \\ after each \\'
const commaProblem = 'must have a text on each side of a comma; a comma itself is written \\,'

/** @returns the texts, none empty; or what is wrong, in words */
export function stopTexts(written: string): readonly string[] | string {
  if (written.trim() === '') return []
  if (!/^(?:\\[nrts,\\]|[^\\])*$/su.test(written)) return escapeProblem
  const parts = written.replace(/(\\.)|,/gsu, (_, escaped?: string) => escaped ?? between).split(between)
  if (parts.some((part) => part.trim() === '')) return commaProblem
  return parts.map((part) => part.trim().replace(/\\(.)/gsu, (_, letter: string) => escapes[letter]!))
}

/** @returns texts as they are typed; undefined when that cannot say one of them */
export function typedStopTexts(texts: readonly string[]): string | undefined {
  const typed = texts.map(typedText).join(', ')
  const read = stopTexts(typed)
  if (typeof read === 'string' || read.length !== texts.length) return undefined
  return read.every((text, place) => text === texts[place]) ? typed : undefined
}

const typedText = (text: string): string =>
  text.replace(/[\n\r\t ,\\]/g, (letter) => `\\${nameOf.get(letter)!}`)

const nameOf = new Map(Object.entries(escapes).map(([name, letter]) => [letter, name]))

/** Stands for a comma between texts; nobody types it. */
const between = '\u0000'
