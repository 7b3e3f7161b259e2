/** The server of a team: its own door, its own page, and for each member no more than their role's rows. */
import { readFileSync } from 'node:fs'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { Member } from '../../src-shared/records/team'
import { StudioFailure } from '../../src-shared/result'
import { certifiedAddress, loopbackAddress, proxiedAddress, type OwnAddress } from '../border/own-address'
import { startWebServer, type WebServer, type WebServerOptions } from '../border/web-server'
import { pace } from './pace'
import { serveMember, type TeamBorder } from './serve-member'
import { teamDoor } from './team-door'

export interface TeamListening {
  /** Where it listens; else on this machine alone. */
  readonly host?: string
  /** PEM files of an own certificate and its key. */
  readonly cert?: string
  readonly key?: string
  /** The address that people open, of a proxy on this machine. */
  readonly behindProxy?: string
}

/** People type at most a few keys a second; a page that starts asks a dozen things at once. */
const askBurst = 60
const asksASecond = 20
/** A link is followed once: who tries more often guesses. */
const doorBurst = 10
const doorsASecond = 0.2
/** Windows of one member at once. */
const mostLines = 8
/** How soon a line is closed of somebody who was removed and asks nothing. */
const lookEveryMs = 250

export interface TeamServer {
  /** What the address of a link begins with. */
  readonly origin: string
  close(): void
}

type Given = Omit<TeamBorder, 'pace'> & { readonly pageFolder: string }

/** @throws StudioFailure invalid-input: what it was asked for would be unsafe, or cannot be read */
export async function startTeamServer(given: Given, wish: TeamListening, port: number): Promise<TeamServer> {
  const nowMs = (): number => performance.now()
  const { address, ...listening } = listeningOf(wish)
  const { people, audit } = given
  const door = teamDoor({ people, address, audit, pace: pace(doorBurst, doorsASecond, nowMs) })
  const border: TeamBorder = { ...given, pace: pace(askBurst, asksASecond, nowMs) }
  const lines = new Map<() => void, Member>()
  const web = await startWebServer(
    {
      ...{ pageFolder: given.pageFolder, startPage: 'team.html', door, address, ...listening },
      onWire: (wire, request, leave) => {
        const member = door.memberOf(request)
        if (!member || [...lines.values()].filter(({ id }) => id === member.id).length >= mostLines)
          return leave()
        lines.set(leave, member)
        const who = { who: member.name, role: member.role, from: address.from(request) } as const
        audit({ ...who, did: 'came', outcome: 'done' })
        wire.onClose(() => {
          lines.delete(leave)
          audit({ ...who, did: 'left', outcome: 'done' })
        })
        serveMember(border, wire, { member, from: who.from, leave })
      },
    },
    port,
  )
  const looking = setInterval(() => {
    for (const [leave, member] of lines) if (!people.now(member)) leave()
  }, lookEveryMs)
  return {
    origin: originOf(wish, web),
    close: () => {
      clearInterval(looking)
      web.close()
    },
  }
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|::1)$/.test(host)

type Listening = Pick<WebServerOptions, 'host' | 'certificate'> & { readonly address: OwnAddress }

function listeningOf({ host = '127.0.0.1', cert, key, behindProxy }: TeamListening): Listening {
  if (behindProxy !== undefined) {
    if (cert !== undefined || key !== undefined)
      throw refusal('--behind-proxy', 'takes no --cert: the proxy has the certificate')
    if (!isLoopback(host))
      throw refusal(
        '--host',
        `must be of this machine with --behind-proxy: from ${host} others could go around it`,
      )
    return { host, address: proxiedAddress(soundOrigin(behindProxy)) }
  }
  if (cert === undefined && key === undefined) {
    if (!isLoopback(host))
      throw refusal(
        '--host',
        `would open the studio at ${host} unencrypted, and tokens and texts could be read on the way: give --cert ` +
          'and --key, or leave --host out and put a proxy with TLS before it (--behind-proxy)',
      )
    return { host, address: loopbackAddress }
  }
  if (cert === undefined || key === undefined) throw refusal('--cert', 'and --key belong together: give both')
  const certificate = { cert: read('--cert', cert), key: read('--key', key) }
  return { host, certificate, address: certifiedAddress(namesOf(cert, certificate)) }
}

function namesOf(file: string, { cert, key }: { readonly cert: Buffer; readonly key: Buffer }) {
  try {
    const certificate = new X509Certificate(cert)
    if (!certificate.checkPrivateKey(createPrivateKey(key)))
      throw refusal('--key', 'is not the key of this certificate')
    return (host: string): boolean =>
      (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined
  } catch (error) {
    if (error instanceof StudioFailure) throw error
    throw refusal(
      '--cert',
      `${file} or its key is not in PEM, or the key has a passphrase (${String(error)})`,
    )
  }
}

function read(flag: string, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw refusal(flag, `${file} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}

function soundOrigin(text: string): string {
  const isSound =
    URL.canParse(text) && new URL(text).protocol === 'https:' && /^\/?$/.test(new URL(text).pathname)
  if (!isSound)
    throw refusal('--behind-proxy', `must be the address that people open, as https://labels.example.org`)
  return new URL(text).origin
}

const originOf = ({ host, cert, behindProxy }: TeamListening, { port }: WebServer): string => {
  if (behindProxy !== undefined) return soundOrigin(behindProxy)
  if (cert === undefined) return `http://127.0.0.1:${port}`
  const isAny = host === undefined || host === '0.0.0.0' || host === '::'
  return `https://${isAny ? firstName(cert) : host}:${port}`
}

/** The first name that the certificate is for. */
const firstName = (cert: string): string =>
  /(?:DNS|IP Address):([^,\s]+)/.exec(new X509Certificate(readFileSync(cert)).subjectAltName ?? '')?.[1] ??
  'localhost'

const refusal = (field: string, problem: string): StudioFailure =>
  new StudioFailure({ kind: 'invalid-input', field, problem })
