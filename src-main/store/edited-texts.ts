/** Examples as a run knew them when it was launched: what was edited later stands as it was. */
import type { Example } from '../../src-shared/records/example'
import type { ReadableDb } from './handle'
import { parts, type Part } from './lengths'
import { storedJson } from './stored-json'

interface VersionRow {
  readonly example_id: number
  readonly id: number
  readonly parts: string
}

/** @param version the newest that was known */
export function withTextsOf(
  db: ReadableDb,
  examples: readonly Example[],
  version: number,
): readonly Example[] {
  const [first] = examples
  const last = examples.at(-1)
  if (!first || !last) return examples
  const known = textsKnown(db, [first.id, last.id], version)
  return known.size === 0 ? examples : examples.map((example) => withTexts(example, known.get(example.id)))
}

/** Before the first edit stands what was there, as a version of its own: it is what earlier runs knew. */
function textsKnown(
  db: ReadableDb,
  [first, last]: readonly [number, number],
  version: number,
): ReadonlyMap<number, string> {
  const known = new Map<number, string>()
  const edits = db.all<VersionRow>(
    `
    SELECT example_id, id, parts FROM example_versions
    WHERE example_id BETWEEN ? AND ? AND parts IS NOT NULL ORDER BY example_id, id`,
    first,
    last,
  )
  for (const { example_id, id, parts } of edits)
    if (id <= version || !known.has(example_id)) known.set(example_id, parts)
  return known
}

function withTexts(example: Example, json: string | undefined): Example {
  const texts = storedJson<Readonly<Partial<Record<Part, string | null>>>>(json ?? null)
  if (!texts) return example
  const known = parts.flatMap((part) => {
    const text = texts[part]
    return typeof text === 'string' ? [[part, text] as const] : []
  })
  return { ...example, ...Object.fromEntries(known) }
}
