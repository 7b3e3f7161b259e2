/**
 * Where a web server stands, and whether a request means it: its Host (against DNS rebinding), where the page that
 * sends it is from, and who is at the other end.
 */
import type { IncomingMessage } from 'node:http'

export interface OwnAddress {
  /** Whether it is this server that is asked, by a name of its own and as safely as it is served. */
  isOwnHost(request: IncomingMessage): boolean
  isOwnOrigin(request: IncomingMessage): boolean
  /** The address of whoever asks. */
  from(request: IncomingMessage): string
  /** Whether cookies may only travel encrypted. */
  readonly isSecure: boolean
  /** What people read who ask for another name. */
  readonly says: string
}

/** On this machine alone, unencrypted. */
export const loopbackAddress: OwnAddress = {
  isOwnHost: ({ headers: { host }, socket: { localPort } }) =>
    host === `127.0.0.1:${localPort}` || host === `localhost:${localPort}`,
  isOwnOrigin: ({ headers }) => headers.origin === `http://${headers.host}`,
  from: ({ socket }) => socket.remoteAddress ?? '',
  isSecure: false,
  says: 'This studio answers to 127.0.0.1 and localhost only.',
}

/** @param isNamed whether the server's own certificate is for this host name or address */
export const certifiedAddress = (isNamed: (host: string) => boolean): OwnAddress => ({
  isOwnHost: ({ headers: { host }, socket: { localPort } }) => {
    const url = `https://${host ?? ''}`
    if (!host || !URL.canParse(url) || new URL(url).host !== host.toLowerCase().replace(/:443$/, ''))
      return false
    const { hostname, port } = new URL(url)
    return isNamed(hostname.replace(/^\[|\]$/g, '')) && Number(port || 443) === localPort
  },
  isOwnOrigin: ({ headers }) => headers.origin === `https://${headers.host?.replace(/:443$/, '')}`,
  from: ({ socket }) => socket.remoteAddress ?? '',
  isSecure: true,
  says: 'This studio answers only to the names its certificate is for.',
})

/**
 * Behind a proxy on this machine that people reach at `origin`. Whoever connects says what it likes in headers: only
 * what the proxy itself added is believed, which is the last entry; who comes without it has gone around the proxy.
 */
export const proxiedAddress = (origin: string): OwnAddress => {
  const { host } = new URL(origin)
  return {
    isOwnHost: ({ headers }) =>
      headers.host?.replace(/:443$/, '') === host && lastOf(headers['x-forwarded-proto']) === 'https',
    isOwnOrigin: ({ headers }) => headers.origin === origin,
    from: ({ headers, socket }) => lastOf(headers['x-forwarded-for']) ?? socket.remoteAddress ?? '',
    isSecure: true,
    says:
      `This studio answers to ${origin} only, through a proxy that passes Host on and sets X-Forwarded-Proto and ` +
      'X-Forwarded-For.',
  }
}

const lastOf = (header: string | readonly string[] | undefined): string | undefined =>
  [header].flat().join(',').split(',').at(-1)?.trim().slice(0, 64) || undefined

/** Only path and query are used: the base is never contacted. */
export const urlOf = (request: IncomingMessage): URL =>
  new URL(request.url?.startsWith('/') ? `http://studio${request.url}` : 'http://studio/')
