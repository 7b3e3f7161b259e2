/**
 * The border as a member of the team meets it: the rows of their role, under their own name, as fast as people are, and
 * each act in the audit. Whoever is removed is let go at the next frame, or a moment later where none comes.
 */
import { randomUUID } from 'node:crypto'
import type { AuditRow, Member } from '../../src-shared/records/team'
import { StudioFailure, type StudioError } from '../../src-shared/result'
import type { Wire } from '../../src-shared/wire'
import { answer, type ReportBug, type Rows } from '../border/answer'
import { readCall, type Handlers } from '../border/serve'
import type { Asker } from '../changes/asker'
import type { Audit } from './audit'
import type { Pace } from './pace'
import type { People } from './people'
import { roleRows } from './role-rows'

export interface TeamBorder {
  readonly handlers: Handlers
  readonly people: People
  readonly audit: Audit
  readonly pace: Pace
  /** @throws StudioFailure not-found */
  queueOf(comparisonId: string): string
  readonly reportBug: ReportBug
}

export interface Guest {
  readonly member: Member
  /** The address they come from. */
  readonly from: string
  /** Lets go of the line. */
  leave(): void
}

/** A row of the table, whatever it is about. */
interface Row {
  readonly about?: (input: never) => { readonly queueId?: string; readonly comparisonId?: string }
  readonly isNamed?: true
  readonly shown?: (output: never, member: Member) => unknown
}
type Kind = 'calls' | 'streams'

/** One member at one line. */
interface Seat {
  /** As they are now. @throws StudioFailure refused, once they are removed */
  current(): Member
  row(kind: Kind, name: string): Row | undefined
  tell(did: string, input: unknown, outcome: AuditRow['outcome']): void
}

export function serveMember(border: TeamBorder, wire: Wire, guest: Guest): void {
  const seat = seatOf(border, guest)
  answer(wire, seenFrom(border.handlers, seat, { id: randomUUID(), person: guest.member.name }), {
    read: (kind, name, input) => {
      try {
        return readFor(border, seat, kind, name, input)
      } catch (thrown) {
        seat.tell(name.slice(0, 100), input, 'refused')
        throw thrown
      }
    },
    errorOf: (name, thrown) => errorFor(name, thrown, border.reportBug),
    reportBug: border.reportBug,
  })
}

function seatOf({ people, audit }: TeamBorder, { member, from, leave }: Guest): Seat {
  const current = (): Member => {
    const now = people.now(member)
    if (now) return now
    leave()
    throw refusal('You do not belong to this team any more: nothing was done.')
  }
  return {
    current,
    row: (kind, name) => {
      const rows: Readonly<Record<string, Row>> = roleRows[current().role][kind]
      return Object.hasOwn(rows, name) ? rows[name] : undefined
    },
    tell: (did, input, outcome) => {
      const about = idIn(input)
      audit({
        who: member.name,
        role: member.role,
        did,
        from,
        outcome,
        ...(about !== undefined && { about }),
      })
    },
  }
}

/** The studio's answers, each as much of it as is this member's to see. */
function seenFrom({ calls, streams }: Rows, seat: Seat, asker: Asker): Rows {
  const shown = (kind: Kind, name: string, output: unknown): unknown => {
    const show = seat.row(kind, name)?.shown
    return show ? show(output as never, seat.current()) : output
  }
  return {
    calls: mapped(calls, (name, act) => async (input: never, signal: AbortSignal) => {
      let outcome: AuditRow['outcome'] = 'failed'
      try {
        const output = await act(input, signal, asker)
        outcome = 'done'
        return shown('calls', name, output)
      } finally {
        seat.tell(name, input, outcome)
      }
    }),
    streams: mapped(
      streams,
      (name, items) =>
        async function* (input: never, signal: AbortSignal) {
          seat.tell(name, input, 'done')
          for await (const item of items(input, signal, asker)) yield shown('streams', name, item)
        },
    ),
  }
}

const mapped = <One, Other>(
  rows: Readonly<Record<string, One>>,
  change: (name: string, row: One) => Other,
): Readonly<Record<string, Other>> =>
  Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, change(name, row)]))

/** What was asked, as its handler takes it. @throws StudioFailure for what this member may not ask now */
function readFor(border: TeamBorder, seat: Seat, kind: Kind, name: string, input: unknown): unknown {
  const member = seat.current()
  if (!border.pace.take(member.id)) throw refusal('You ask faster than people do: wait a moment.')
  const row = seat.row(kind, name)
  if (!row)
    throw refusal(`“${name.slice(0, 100)}” is nothing that ${withArticle[member.role]} of a team may ask.`)
  const read = readCall(kind, name, row.isNamed ? named(input, member.name) : input)
  refuseOthers(border, row, read, member)
  return read
}

const withArticle: Readonly<Record<Member['role'], string>> = { annotator: 'an annotator', lead: 'a lead' }

const named = (input: unknown, annotator: string): unknown =>
  typeof input === 'object' && input !== null ? { ...input, annotator } : input

/** @throws StudioFailure not-found, as for what is not there: whoever guesses ids learns nothing */
function refuseOthers(border: TeamBorder, row: Row, input: unknown, { role, queues }: Member): void {
  const about = row.about?.(input as never)
  if (!about || role === 'lead') return
  const { comparisonId } = about
  const queueId = about.queueId ?? border.queueOf(comparisonId ?? '')
  if (queues.includes(queueId)) return
  throw new StudioFailure(
    comparisonId === undefined
      ? { kind: 'not-found', what: 'queue', id: queueId }
      : { kind: 'not-found', what: 'comparison', id: comparisonId },
  )
}

function idIn(input: unknown): string | undefined {
  if (typeof input !== 'object' || input === null) return undefined
  const { queueId, comparisonId } = input as Readonly<Record<string, unknown>>
  const id = comparisonId ?? queueId
  return typeof id === 'string' ? id.slice(0, 40) : undefined
}

const refusal = (problem: string): StudioFailure => new StudioFailure({ kind: 'refused', problem })

/** Errors that say nothing of this machine; the others name paths and models, and are for who runs the studio. */
const sayable: ReadonlySet<StudioError['kind']> = new Set([
  'invalid-input',
  'not-found',
  'judged-meanwhile',
  'refused',
  'cancelled',
])

function errorFor(name: string, thrown: unknown, reportBug: ReportBug): StudioError {
  if (thrown instanceof StudioFailure && sayable.has(thrown.error.kind)) return thrown.error
  reportBug(name, thrown)
  return {
    kind: 'refused',
    problem: 'The team’s studio could not do this: tell whoever runs it. Nothing was lost.',
  }
}
