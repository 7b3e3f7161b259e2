/**
 * Where one text of a plain file ends and the next begins, one row a way. Line breaks and indentation inside a
 * text are kept; the texts of lines and of paragraphs wrapped by hand are read in txt.ts.
 */

/** What a line does: the parts of it that end texts, and the one that goes on. */
export type Cut = (line: string) => { readonly ended: readonly string[]; readonly open: string | undefined }

const blankLines: Cut = (line) =>
  line.trim() === '' ? { ended: [''], open: undefined } : { ended: [], open: line }

const nowhere: Cut = (line) => ({ ended: [], open: line })

/** At each place of the marker, which is no part of any text. */
const atMarker =
  (marker: string): Cut =>
  (line) => {
    const parts = line.split(marker)
    return { ended: parts.slice(0, -1), open: parts.at(-1) }
  }

const MARKER = 'marker:'

/** @returns undefined for the cuts that txt.ts makes itself, and for one that is not known */
export function cutNamed(name: string | undefined): Cut | undefined {
  if (name === 'whole') return nowhere
  if (name === 'blank-lines') return blankLines
  const marker = name?.startsWith(MARKER) === true ? name.slice(MARKER.length) : ''
  return marker === '' ? undefined : atMarker(marker)
}

/** What GPT-2's authors put between two texts, on a line of its own. */
const END_OF_TEXT = '<|endoftext|>'

/** The cut that a file asks for by what stands in it. */
export const cutAskedForBy = (lines: readonly string[]): Cut | undefined =>
  lines.some((line) => line.trim() === END_OF_TEXT) ? atMarker(END_OF_TEXT) : undefined
