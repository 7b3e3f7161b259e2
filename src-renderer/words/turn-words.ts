/** What turns are called on screen, and the line that stands for a conversation where there is room for one. */
import type { Completion, Prompt, Turn } from '../../src-shared/records/turn'
import { textOf } from '../../src-shared/turn-texts'

interface RoleLook {
  readonly title: string
  /** The grey shape beside it: people, models and tools differ by it. */
  readonly glyph: string
}

const looks: Readonly<Record<string, RoleLook>> = {
  system: { title: 'System', glyph: 'sy' },
  user: { title: 'User', glyph: 'us' },
  assistant: { title: 'Assistant', glyph: 'as' },
  tool: { title: 'Tool result', glyph: 'tr' },
}

/** A role that nobody knows is called what it calls itself. */
export const roleLook = (role: string): RoleLook =>
  Object.hasOwn(looks, role) ? looks[role]! : { title: role, glyph: 'sy' }

/** "Tool result from weather" */
export const roleTitle = ({ role, toolName }: Turn): string =>
  toolName === undefined ? roleLook(role).title : `${roleLook(role).title} from ${toolName}`

/**
 * A conversation in one line: what was asked last, or answered first. While something is searched, all that is said:
 * any turn may have the hit.
 */
export function lineOf(part: Prompt | Completion, search = ''): string {
  if (typeof part === 'string' || search.trim() !== '') return textOf(part)
  if (!('turns' in part)) return textOf(part)
  const asked = part.turns.findLast(({ role }) => role === 'user') ?? part.turns.at(-1)
  return asked ? textOf([asked]) : ''
}
