/**
 * What a run says on another machine, as lines of its output: each has a number, for lines come twice and lines are
 * cut. Files of checkpoints lie below Ray's folder of logs, which answers for any file in it, byte by byte.
 */
import { createHash } from 'node:crypto'
import {
  closeSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { StudioFailure } from '../../src-shared/result'
import type { RunEvent } from '../processes/messages'
import { publishedFolder } from './published-name'
import { asLine, type SaidFile } from './said'

export interface Publishing {
  readonly add: (event: RunEvent) => void
  /** Says what is left to say. */
  end(): void
}

/** Events of at most this long go in one line. */
const gatherMs = 250
const keptMs = 7 * 24 * 3600 * 1000

/** @param folder of the job: it lies in that of Ray's session */
export function publishing({
  folder,
  job,
  write,
}: {
  readonly folder: string
  readonly job: string
  readonly write: (text: string) => unknown
}): Publishing {
  const logs = logsAbove(folder)
  forgetOld(join(logs, publishedFolder))
  const own = join(logs, publishedFolder, job)
  mkdirSync(own, { recursive: true })
  let waiting: RunEvent[] = []
  let timer: NodeJS.Timeout | undefined
  let sinceMs = 0
  let files: SaidFile[] = []
  let line = 0

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (waiting.length > 0)
      write(asLine({ line: ++line, events: waiting, ...(files.length > 0 && { files }) }))
    waiting = []
    files = []
  }
  function add(event: RunEvent): void {
    if (event.kind === 'checkpoint')
      for (const path of [event.checkpoint.path, event.checkpoint.resumePath])
        if (path !== undefined) files.push(publish(path, own))
    if (waiting.push(event) === 1) {
      sinceMs = performance.now()
      timer = setTimeout(flush, gatherMs)
    }
    if (performance.now() - sinceMs >= gatherMs) flush()
  }
  return { add, end: flush }
}

/** A file twice in one place: it takes no more room where the disk is one. */
function publish(path: string, folder: string): SaidFile {
  const target = join(folder, basename(path))
  rmSync(target, { force: true })
  try {
    linkSync(path, target)
  } catch {
    cpSync(path, target)
  }
  return { name: basename(path), bytes: statSync(target).size, sha256: hashOf(target) }
}

function hashOf(path: string): string {
  const hash = createHash('sha256')
  const piece = Buffer.alloc(1 << 20)
  const file = openSync(path, 'r')
  try {
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece))
      hash.update(piece.subarray(0, read))
  } finally {
    closeSync(file)
  }
  return hash.digest('hex')
}

function logsAbove(folder: string): string {
  for (let each = folder; each !== dirname(each); each = dirname(each))
    if (basename(each).startsWith('session_') && existsSync(join(each, 'logs'))) return join(each, 'logs')
  throw new StudioFailure({
    kind: 'cluster-failed',
    problem: `${folder} does not lie in the folder of a session of Ray: there is nowhere to put checkpoints.`,
  })
}

/** What earlier jobs have left, and was fetched long ago or never will be. */
function forgetOld(folder: string): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    const each = join(folder, name)
    if (Date.now() - statSync(each).mtimeMs > keptMs) rmSync(each, { recursive: true, force: true })
  }
}
