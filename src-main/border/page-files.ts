/**
 * The files of the page as both hosts serve them: which file a path means, its type, and the headers that
 * lock the page in.
 */
import { stat } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'

/** Scripts and requests only from the studio itself: a text that is shown can never act. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.md': 'text/markdown; charset=utf-8',
}

export const typeOf = (file: string): string => types[extname(file)] ?? 'application/octet-stream'

/**
 * The file below `root` that a URL's path means, or undefined: there is none, or the path leads out of the
 * folder.
 */
export async function pageFile(root: string, pathname: string): Promise<string | undefined> {
  const decoded = decode(pathname)
  if (decoded === undefined || decoded.includes('\0')) return undefined
  const file = normalize(join(root, decoded === '/' ? 'index.html' : decoded))
  if (!file.startsWith(normalize(root) + sep)) return undefined
  const found = await stat(file).catch(() => undefined)
  return found?.isFile() ? file : undefined
}

function decode(pathname: string): string | undefined {
  try {
    return decodeURIComponent(pathname)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}
