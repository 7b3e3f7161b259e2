/** Files that are no dataset, by their first bytes: what each is, and what to do with it. */

const foreign: readonly (readonly [signature: string, what: string])[] = [
  ['PK\x03\x04', 'a ZIP archive or an Excel workbook; unpack it, or save the sheet as CSV'],
  ['%PDF', 'a PDF; save its text as TXT'],
  ['SQLite format 3', 'an SQLite database; export a table as CSV'],
  ['\x89PNG', 'a picture'],
  ['\xff\xfe', 'UTF-16 text; save it as UTF-8'],
  ['\xfe\xff', 'UTF-16 text; save it as UTF-8'],
]

/** @param head the first bytes as Latin 1 */
export function foreignFile(head: string): string | undefined {
  return foreign.find(([signature]) => head.startsWith(signature))?.[1]
}
