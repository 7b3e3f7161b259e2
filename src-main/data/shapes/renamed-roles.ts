/** Whom turns are from by names that are read as another: said of an import, so that nobody has to guess. */
import { roleOf } from './roles'
import { isMessage, listIn } from './turns'

export interface Renamed {
  readonly written: string
  readonly role: string
}

/** Names that only ShareGPT's form has, and that say the same. */
const usual: readonly string[] = ['human', 'gpt']

/** Of each turn in a cell whose name is read as another; none where the cell holds no turns. */
export function renamedIn(value: unknown): readonly Renamed[] {
  const list = isMessage(value) ? [value] : (listIn(value) ?? [])
  return list.flatMap((each) => {
    const written = isMessage(each) ? (each['role'] ?? each['from']) : undefined
    if (typeof written !== 'string') return []
    const [name, role] = [written.trim().toLowerCase(), roleOf(written)]
    return role === written || role === name || usual.includes(name) ? [] : [{ written: name, role }]
  })
}
