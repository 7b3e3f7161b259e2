/**
 * Who may in at the web server's door. The address that a start prints carries a token, which a browser writes into
 * its history: it opens the door to one browser, which gets a cookie for it that no script can read and no other site
 * can send. Then the next browser needs the next token, which is printed, too.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

export interface Door {
  /** By a cookie that was given here, or the token that waits for its browser, in a header or the address. */
  isOpenTo(request: IncomingMessage, url: URL): boolean
  /** Exchanges the token. @returns the cookie, as a header's value; undefined when it is another, or was used */
  enter(request: IncomingMessage, url: URL): string | undefined
  /** What those read for whom it is closed; else that it opens by the address that was printed. */
  readonly closedText?: string
}

/** @param onUsed hears the next token when one has been exchanged */
export function openDoor(first: string, onUsed: (next: string) => void): Door {
  let token = first
  const cookies = new Set<string>()
  const isTokenIn = (request: IncomingMessage, url: URL): boolean => isSame(tokenIn(request, url), token)
  return {
    isOpenTo: (request, url) => {
      const given = cookieIn(request)
      return [...cookies].some((cookie) => isSame(given, cookie)) || isTokenIn(request, url)
    },
    enter: (request, url) => {
      if (!isTokenIn(request, url)) return undefined
      const cookie = secret()
      cookies.add(cookie)
      token = secret()
      onUsed(token)
      return `${cookieName(request)}=${cookie}; Path=/; HttpOnly; SameSite=Strict`
    },
  }
}

/** 192 bits, as it may stand in an address. */
export const secret = (): string => randomBytes(24).toString('base64url')

function tokenIn(request: IncomingMessage, url: URL): string {
  const header = request.headers['x-studio-token']
  return (typeof header === 'string' ? header : url.searchParams.get('token')) ?? ''
}

/** Cookies are of a host, not of a port: two studios of one machine must not take each other's. */
const cookieName = (request: IncomingMessage): string => `studio-${request.socket.localPort}`

export function cookieIn(request: IncomingMessage, name = cookieName(request)): string {
  const begin = `${name}=`
  const all = (request.headers.cookie ?? '').split('; ')
  return all.find((each) => each.startsWith(begin))?.slice(begin.length) ?? ''
}

/** In the same time, whatever is given. */
export function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)]
  return one.length === other.length && timingSafeEqual(one, other)
}
