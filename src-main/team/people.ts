/** Who belongs to a team, how they are let in, and how they are shown out again. */
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { roles, type Member, type Role } from '../../src-shared/records/team'
import { StudioFailure } from '../../src-shared/result'
import { secret } from '../border/door'
import { hashed, type TeamFolder } from './team-folder'

/** A link that nobody followed for so long lets nobody in any more; nor does a browser that was let in so long ago. */
const invitationMs = 7 * 24 * 3_600_000
const sessionMs = 30 * 24 * 3_600_000

export interface People {
  list(): readonly Member[]
  /** @returns the token, which is kept nowhere. @throws StudioFailure invalid-input, for a name that is taken */
  add(wish: Pick<Member, 'name' | 'role' | 'queues'>): string
  /** Another token, for another browser of somebody. */
  invite(name: string): string
  give(name: string, queues: readonly string[]): Member
  /** From now on nothing of theirs opens anything. */
  remove(name: string): void
  /** Spends a token. @returns the cookie's secret */
  enter(token: string): { readonly cookie: string; readonly member: Member } | undefined
  /** Whose browser has this cookie; undefined once they are removed. */
  withCookie(cookie: string): Member | undefined
  /** As they are now; undefined once they are removed. */
  now(member: Member): Member | undefined
}

const member = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(roles),
  queues: z.array(z.string()),
  addedAtMs: z.number(),
})
const pass = z.object({ memberId: z.string(), keyOfMember: z.string(), madeAtMs: z.number() })

/** One person, whatever the letters' case: two of nearly one name would be taken for each other. */
const keyOf = (name: string): string => hashed(name.normalize('NFC').toLocaleLowerCase('en'))

export function people(folder: TeamFolder, now: () => number): People {
  const at = memberAt(folder)
  const known = (name: string): Member => at(keyOf(name)) ?? unknown(name, folder)
  const { letIn, enter, withCookie } = passes(folder, now)
  return {
    enter,
    withCookie,
    list: () =>
      folder
        .names('people')
        .flatMap((key) => at(key) ?? [])
        .sort((a, b) => a.name.localeCompare(b.name)),
    add: (wish) => {
      const name = soundName(wish.name)
      const added: Member = { ...wish, name, id: randomUUID(), addedAtMs: now() }
      if (!folder.make('people', keyOf(name), added))
        throw refusal(
          'name',
          `“${name}” belongs to the team already: \`studio team link\` makes another link`,
        )
      return letIn('invitations', added)
    },
    invite: (name) => letIn('invitations', known(name)),
    give: (name, queues) => {
      const given: Member = { ...known(name), queues }
      folder.replace('people', keyOf(name), given)
      return given
    },
    remove: (name) => {
      const gone = known(name)
      folder.drop('people', keyOf(name))
      forget(folder, gone)
    },
    now: ({ id, name }) => {
      const current = at(keyOf(name))
      return current?.id === id ? current : undefined
    },
  }
}

const memberAt =
  (folder: TeamFolder) =>
  (key: string): Member | undefined =>
    folder.read('people', key, member)

/** Tokens, each for one browser, and the cookies they were exchanged for. */
function passes(folder: TeamFolder, now: () => number) {
  const at = memberAt(folder)
  const isYoung = (madeAtMs: number, longest: number): boolean => Math.abs(now() - madeAtMs) < longest
  /** A pass of somebody removed, or added again since, is nobody's. */
  function holderOf(part: 'invitations' | 'sessions', text: string, longest: number): Member | undefined {
    const found = folder.read(part, hashed(text), pass)
    const holder = found && isYoung(found.madeAtMs, longest) ? at(found.keyOfMember) : undefined
    return holder?.id === found?.memberId ? holder : undefined
  }
  function letIn(part: 'invitations' | 'sessions', { id, name }: Member): string {
    const text = secret()
    folder.make(part, hashed(text), { memberId: id, keyOfMember: keyOf(name), madeAtMs: now() })
    return text
  }
  return {
    letIn,
    enter: (token: string): ReturnType<People['enter']> => {
      const holder = holderOf('invitations', token, invitationMs)
      // whoever deletes it has it: a token opens to one browser, also when two come at once
      if (!holder || !folder.drop('invitations', hashed(token))) return undefined
      return { cookie: letIn('sessions', holder), member: holder }
    },
    withCookie: (cookie: string) => holderOf('sessions', cookie, sessionMs),
  }
}

/** What was theirs lets nobody in already: now it is not there any more, either. */
function forget(folder: TeamFolder, { id }: Member): void {
  for (const part of ['invitations', 'sessions'] as const)
    for (const name of folder.names(part))
      if (folder.read(part, name, pass)?.memberId === id) folder.drop(part, name)
}

function soundName(name: string): string {
  const trimmed = name.trim().normalize('NFC')
  if (trimmed === '' || trimmed.length > 80 || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(trimmed))
    throw refusal('name', 'must be 1 to 80 letters that can be seen')
  return trimmed
}

function unknown(name: string, folder: TeamFolder): never {
  const count = folder.names('people').length
  throw refusal(
    'name',
    `“${name}” is nobody of this team${count === 0 ? ', which is empty: `studio team add NAME` begins it' : ''}`,
  )
}

const refusal = (field: string, problem: string): StudioFailure =>
  new StudioFailure({ kind: 'invalid-input', field, problem })

export const roleOf = (text: string): Role => {
  const found = roles.find((role) => role === text)
  if (found === undefined) throw refusal('role', `must be one of ${roles.join(', ')}`)
  return found
}
