/**
 * Entry: the studio without Electron, for a browser on this machine.
 *
 *   node out/main/headless.js [--registry PATH] [--port N] [--team …]
 *
 * Prints one line with the address and a token that opens it to one browser, and the next when that is used.
 * Ctrl C saves what runs and ends it.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { StudioFailure } from '../src-shared/result'
import { forkNode } from './processes/compute-child'
import { nativeProblem } from './places/native-problem'
import { askedRegistry, defaultRegistry } from './places/registry-location'
import { resourcesFolder } from './places/resources-folder'
import { secret } from './border/door'
import { serve } from './border/serve'
import { openStudio } from './studio'
import { keptLeases } from './team/kept-leases'
import { serveTeam, type TeamWish } from './team/serve-team'
import { teamFolder } from './team/team-folder'
import { startWebServer } from './border/web-server'

/** A second signal this long after the first means: now. */
const insistMs = 2000

// A bug in one handler must not end what runs for everyone else.
process.on('uncaughtException', (error) => reportBug('main', error))

// Whoever reads the log may close it: what is then said is lost, and no bug to report, which would be said, too.
for (const log of [process.stdout, process.stderr]) log.on('error', () => {})

main().catch((error: unknown) => {
  console.error(inWords(error))
  process.exit(1)
})

async function main(): Promise<void> {
  const { registryPath, port, team } = options()
  const studio = await openStudio({
    registryPath,
    ...(team && { leases: keptLeases(teamFolder(registryPath).path) }),
    host: 'headless',
    fork: forkNode(join(import.meta.dirname, 'compute-process.js')),
    readingThread: join(import.meta.dirname, 'reading-thread.js'),
    resources: resourcesFolder(),
    reportBug,
  })
  const token = secret()
  const pageFolder = join(import.meta.dirname, '../renderer')
  // Refused first, so that nothing is open when it is.
  const served = team && (await serveTeam(studio, { pageFolder, reportBug }, team))
  const web = await startWebServer(
    {
      pageFolder,
      token,
      onToken: (next) => console.log(`For another browser: ${addressAt(web.port, next)}`),
      uploads: studio.uploads,
      onWire: (wire) => serve(wire, studio.handlers, reportBug),
    },
    port,
  )
  console.log(`RLHF Studio is at ${addressAt(web.port, token)}`)
  if (served) console.log(`The team labels at ${served.origin}: \`studio team link NAME\` lets somebody in.`)

  endWhenAsked(async () => {
    web.close()
    served?.close()
    await studio.close()
  })
}

function endWhenAsked(close: () => Promise<void>): void {
  let askedAtMs: number | undefined
  async function end(): Promise<void> {
    if (askedAtMs !== undefined) {
      if (performance.now() - askedAtMs > insistMs) process.exit(130)
      return
    }
    askedAtMs = performance.now()
    await close()
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end())
  // What started this ended without a word: it ends, too, and the registry is free.
  process.on('disconnect', () => void end())
}

const addressAt = (port: number, token: string): string => `http://127.0.0.1:${port}/#token=${token}`

interface Options {
  readonly registryPath: string
  /** Of whoever sits here. */
  readonly port: number
  readonly team?: TeamWish
}

function options(): Options {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: {
      ...{
        registry: text,
        port: text,
        team: { type: 'boolean' },
        'team-port': text,
        host: text,
        cert: text,
        key: text,
      },
      'behind-proxy': text,
    },
  })
  const { team, host, cert, key, 'behind-proxy': behindProxy } = values
  const listening = {
    ...(host !== undefined && { host }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(behindProxy !== undefined && { behindProxy }),
  }
  if (!team && Object.keys(listening).length > 0)
    throw new Error(
      '--host, --cert, --key and --behind-proxy belong to --team: the studio itself is for this machine',
    )
  return {
    registryPath:
      askedRegistry(values.registry, process.env) ?? defaultRegistry(process.platform, process.env),
    port: portIn('--port', values.port),
    ...(team && { team: { ...listening, port: portIn('--team-port', values['team-port']) } }),
  }
}

function portIn(flag: string, text = '0'): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`${flag} must be a whole number between 0 and 65535, not “${text}”`)
  return port
}

function reportBug(where: string, error: unknown): void {
  console.error(`${where}:`, error)
}

/** What people can do something about is a sentence; the rest comes with its stack. */
function inWords(error: unknown): string {
  if (error instanceof StudioFailure) return error.message
  if (!(error instanceof Error)) return String(error)
  const missing = nativeProblem(error.message)
  if (missing !== undefined) return missing
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE')
    return 'This port is taken by another program. Choose another with --port, or leave it out.'
  if (code === 'EACCES')
    return 'This port may not be used here. Choose one above 1023 with --port, or leave it out.'
  return code?.startsWith('ERR_PARSE_ARGS') || error.message.startsWith('--')
    ? error.message
    : (error.stack ?? error.message)
}
