/**
 * A server on this machine that answers as huggingface.co does, as far as this program asks: descriptions of
 * repositories, trees by the page, files with ETag and ranges, large ones by a redirect to another host. It notes
 * what it is asked, and fails as it is told to.
 */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { HubAccess } from '../../src-main/hub/access'

export interface FakeRepository {
  readonly files: Readonly<Record<string, string | Buffer>>
  /** Those that lie on the other host. */
  readonly large?: readonly string[]
  readonly tags?: readonly string[]
  readonly cardData?: unknown
  readonly config?: unknown
  readonly safetensors?: { readonly total: number }
  /** Needs a token of someone who has accepted its terms. */
  readonly isGated?: boolean
}

/** What becomes of one request for a file, in place of its bytes. */
export type Fault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** The connection breaks after so many bytes, once it may. */
  | { readonly cutAfter: number; readonly until?: Promise<void> }
  | { readonly instead: Buffer }
  /** A range is not heeded. */
  | { readonly isWhole: true }

export interface Asked {
  readonly host: 'hub' | 'cdn'
  readonly url: string
  readonly range: string | undefined
  readonly authorization: string | undefined
}

export interface LoopbackHub {
  readonly access: HubAccess
  readonly asked: Asked[]
  /** By path in the repository: what the next requests of it meet, in order. */
  readonly faults: Map<string, Fault[]>
  /** Bytes of files that were sent. */
  sentBytes(): number
}

export const commit = 'c0ffee0123456789c0ffee0123456789c0ffee01'
export const goodToken = 'hf_of_this_test'

/** Of the branch of tables that the hub makes itself. */
const convertedCommit = 'decade0123456789decade0123456789decade01'
const converted = 'refs/convert/parquet'

const onPage = 2

const atRevision = (key: string, revision: string): string => {
  if (['HEAD', 'main', commit].includes(revision)) return key
  return `${key}@${revision === convertedCommit ? converted : revision}`
}

/** @param repositories by "datasets/OWNER/NAME" or "models/OWNER/NAME", with @REVISION where it is not the usual one */
export async function loopbackHub(
  repositories: Readonly<Record<string, FakeRepository>>,
  token?: string,
): Promise<LoopbackHub> {
  const asked: Asked[] = []
  const faults = new Map<string, Fault[]>()
  let sent = 0
  const cdn = await started((request, response) => {
    note('cdn', request)
    const { pathname } = new URL(request.url ?? '', 'http://cdn')
    const [, key = '', path = ''] = pathname.split('/').map(decodeURIComponent)
    give(request, response, { path, bytes: bytesOf(repositories[key]?.files[path]) })
  })
  const hub = await started((request, response) => {
    note('hub', request)
    const url = new URL(request.url ?? '', 'http://hub')
    const api = /^\/api\/(datasets|models)(?:\/(.+?)\/(revision|tree)\/([^/]+))?$/.exec(url.pathname)
    if (api) return describe(request, response, { url, parts: api })
    const file = /^\/(datasets\/)?([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname)
    if (!file) return refuse(response, 404, 'RepoNotFound')
    const [, prefix, name = '', revision = '', path = ''] = file.map(
      (each) => each && decodeURIComponent(each),
    )
    const key = atRevision(`${prefix ? 'datasets' : 'models'}/${name}`, revision)
    const found = repositoryAt(request, response, key)
    if (!found) return undefined
    const content = found.repository.files[path]
    if (content === undefined) return refuse(response, 404, 'EntryNotFound')
    if (!found.repository.large?.includes(path))
      return give(request, response, { path, bytes: bytesOf(content) })
    const to = `${addressOf(cdn)}/${encodeURIComponent(found.key)}/${encodeURIComponent(path)}?signature=once`
    return void response.writeHead(302, { location: to, 'x-linked-size': bytesOf(content).length }).end()
  })

  function note(host: Asked['host'], { url = '', headers }: IncomingMessage): void {
    asked.push({ host, url, range: headers.range, authorization: headers.authorization })
  }

  function repositoryAt(
    { headers }: IncomingMessage,
    response: ServerResponse,
    key: string,
  ): { readonly key: string; readonly repository: FakeRepository } | undefined {
    const repository = repositories[key]
    if (!repository) refuse(response, headers.authorization === undefined ? 401 : 404, 'RepoNotFound')
    else if (repository.isGated && headers.authorization !== `Bearer ${goodToken}`)
      refuse(response, headers.authorization === undefined ? 401 : 403, 'GatedRepo')
    else return { key, repository }
    return undefined
  }

  function describe(
    request: IncomingMessage,
    response: ServerResponse,
    { url, parts }: { readonly url: URL; readonly parts: RegExpExecArray },
  ): void {
    const [, kind = '', name, what, revision = ''] = parts.map((each) => each && decodeURIComponent(each))
    if (name === undefined) return json(response, listing(kind, url.searchParams.get('search') ?? ''))
    const found = repositoryAt(request, response, atRevision(`${kind}/${name}`, revision))
    if (!found) return undefined
    if (what === 'revision')
      return json(response, aboutOf(name, found.repository, found.key.endsWith(converted)))
    const entries = treeOf(found.repository)
    const from = Number(url.searchParams.get('cursor') ?? 0)
    url.searchParams.set('cursor', String(from + onPage))
    const next = `<${addressOf(hub)}${url.pathname}${url.search}>; rel="next"`
    const page = entries.slice(from, from + onPage)
    return json(response, page, from + onPage < entries.length ? { link: next } : {})
  }

  const listing = (kind: string, words: string): readonly unknown[] =>
    Object.entries(repositories)
      .filter(([key]) => key.startsWith(`${kind}/`) && key.includes(words))
      .map(([key, repository]) => aboutOf(key.slice(kind.length + 1), repository))

  /** Ranges as the hub and its other host give them. */
  function give(
    request: IncomingMessage,
    response: ServerResponse,
    file: { path: string; bytes: Buffer },
  ): void {
    const fault = faults.get(file.path)?.shift()
    if (fault && 'status' in fault) return void response.writeHead(fault.status, fault.headers).end()
    const bytes = fault && 'instead' in fault ? fault.instead : file.bytes
    const heeded = fault && 'isWhole' in fault ? undefined : request.headers.range
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(heeded ?? '') ?? []
    const start = Number(first ?? 0)
    if (first !== undefined && start >= bytes.length)
      return void response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end()
    const end = last ? Math.min(bytes.length, Number(last) + 1) : bytes.length
    response.writeHead(first === undefined ? 200 : 206, {
      etag: '"etag"',
      'content-length': end - start,
      ...(first !== undefined && { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` }),
    })
    const piece = bytes.subarray(start, fault && 'cutAfter' in fault ? start + fault.cutAfter : end)
    sent += piece.length
    if (!fault || !('cutAfter' in fault)) return void response.end(piece)
    response.write(piece)
    void (fault.until ?? Promise.resolve()).then(() => response.destroy())
  }

  const access = { endpoint: addressOf(hub), token, waitsMs: [1, 1, 1] }
  return { access, asked, faults, sentBytes: () => sent }
}

const aboutOf = (
  name: string,
  { tags, cardData, config, safetensors, isGated }: FakeRepository,
  isConverted = false,
): object => ({
  _id: '1',
  id: name,
  sha: isConverted ? convertedCommit : commit,
  private: false,
  gated: isGated ? 'auto' : false,
  downloads: 12,
  likes: 3,
  lastModified: '2026-01-02T03:04:05.000Z',
  tags: tags ?? [],
  cardData,
  config,
  safetensors,
})

function treeOf({ files, large = [] }: FakeRepository): readonly object[] {
  const folders = new Set(
    Object.keys(files).flatMap((path) => (path.includes('/') ? [path.split('/')[0]] : [])),
  )
  return [
    ...[...folders].map((path) => ({ type: 'directory', path, size: 0, oid: 'f0' })),
    ...Object.entries(files).map(([path, content]) => {
      const bytes = bytesOf(content)
      const oid = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      return {
        type: 'file',
        path,
        size: bytes.length,
        oid,
        ...(large.includes(path) && { lfs: { oid: sha256, size: bytes.length, pointerSize: 130 } }),
      }
    }),
  ]
}

const bytesOf = (content: string | Buffer = ''): Buffer => Buffer.from(content)

const json = (response: ServerResponse, value: unknown, headers: Record<string, string> = {}): void =>
  void response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))

const refuse = (response: ServerResponse, status: number, code: string): void =>
  void response
    .writeHead(status, { 'x-error-code': code, 'content-type': 'application/json' })
    .end('{"error":"no"}')

async function started(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return server
}

export const addressOf = (server: Server): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}`
