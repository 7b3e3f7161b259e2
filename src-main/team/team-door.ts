/**
 * The door of a team: a link lets one browser in, once, and that browser gets a cookie which no script can read, no
 * other site can send and no unencrypted line carries. Its hash is kept, so that a server that starts again knows it.
 */
import type { IncomingMessage } from 'node:http'
import type { Member } from '../../src-shared/records/team'
import { cookieIn, type Door } from '../border/door'
import type { OwnAddress } from '../border/own-address'
import type { Audit } from './audit'
import type { Pace } from './pace'
import type { People } from './people'

export interface TeamDoor extends Door {
  /** Whose browser asks. */
  memberOf(request: IncomingMessage): Member | undefined
}

interface TeamDoorOptions {
  readonly people: People
  readonly address: OwnAddress
  readonly audit: Audit
  /** How often one address may try the door in vain. */
  readonly pace: Pace
}

const sessionSeconds = 30 * 24 * 3600

export function teamDoor({ people, address, audit, pace }: TeamDoorOptions): TeamDoor {
  // `__Host-`: a browser takes it over HTTPS only, for this host only
  const cookieName = address.isSecure ? '__Host-studio-team' : 'studio-team'
  const memberOf = (request: IncomingMessage): Member | undefined => {
    const cookie = cookieIn(request, cookieName)
    return cookie === '' ? undefined : people.withCookie(cookie)
  }
  return {
    memberOf,
    isOpenTo: (request) => memberOf(request) !== undefined,
    enter: (request) => {
      const from = address.from(request)
      // In a header, never in an address: addresses are kept in logs and histories.
      const token = request.headers['x-studio-token']
      const entered =
        pace.has(from) && typeof token === 'string' && token.length < 100 ? people.enter(token) : undefined
      // what fails counts: a whole office comes from one address
      if (!entered) pace.take(from)
      const { name: who = '', role = '' } = entered?.member ?? {}
      audit({ who, role, did: 'entered', from, outcome: entered ? 'done' : 'refused' })
      const rules = `Path=/; HttpOnly; SameSite=Strict; Max-Age=${sessionSeconds}${address.isSecure ? '; Secure' : ''}`
      return entered && `${cookieName}=${entered.cookie}; ${rules}`
    },
    closedText:
      'This link was used already, is too old or was taken back: ask whoever runs the team for another one.',
  }
}
