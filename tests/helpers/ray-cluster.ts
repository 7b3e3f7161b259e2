/**
 * A real Ray cluster for tests: a head and workers on loopback, in a scratch folder, ended by their process ids.
 * `npm run setup:cluster` installs it; without it these tests say so.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as rest } from 'node:timers/promises'

const installed = resolve(import.meta.dirname, '../../.cache/cluster')

export const whyNoCluster =
  process.platform !== 'linux'
    ? 'only Linux has an address on loopback for each node'
    : existsSync(join(installed, 'ready'))
      ? undefined
      : 'Ray is not installed: npm run setup:cluster'

export const clusterPython = join(installed, 'bin/python')

export interface RayCluster {
  readonly address: string
  /** Host and port. */
  readonly name: string
  /** Ends all of a worker at once, as when its power goes. */
  killWorker(address: string): void
  stop(): Promise<void>
}

/** Ray's least. */
const storeBytes = 80 << 20
const patienceMs = 120_000

/** @param workers nodes beside the head, each with one CPU; the head has one only when it is alone */
export async function rayCluster(workers = 2, environment: NodeJS.ProcessEnv = {}): Promise<RayCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'ray-'))
  const [port, dashboard] = [await freePort(), await freePort()]
  const children: ChildProcess[] = []
  /** Each with what is its own on a machine of its own: a folder, and a port for its agent, which takes its jobs. */
  const start = async (node: number, ...args: readonly string[]): Promise<ChildProcess> => {
    const cpus = node === 0 && workers > 0 ? 0 : 1
    const own = ['--num-cpus', String(cpus), '--node-ip-address', nodeAddress(node)]
    const places = [
      ...['--temp-dir', node === 0 ? folder : join(folder, `worker-${node}`)],
      ...['--dashboard-agent-listen-port', String(await freePort())],
    ]
    const child = spawn(
      join(installed, 'bin/ray'),
      ['start', '--block', '--object-store-memory', String(storeBytes), ...own, ...places, ...args],
      {
        stdio: 'ignore',
        env: {
          ...process.env,
          PATH: `${join(installed, 'bin')}:${process.env['PATH']}`,
          RAY_USAGE_STATS_ENABLED: '0',
          RAY_enable_worker_prestart: '0',
          RAY_TMPDIR: folder,
          ...environment,
        },
      },
    )
    children.push(child)
    return child
  }
  const stop = async () => {
    for (const child of children.toReversed()) await ended(child)
    // what it started writes its last words a little longer
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 500 })
  }
  const ports = ['--port', String(port), '--dashboard-port', String(dashboard)]
  await start(0, '--head', '--dashboard-host', '127.0.0.1', ...ports)
  const address = `http://127.0.0.1:${dashboard}`
  try {
    await until(async () => (await fetch(`${address}/api/version`)).ok)
    const nodes: ChildProcess[] = []
    for (let node = 1; node <= workers; node++)
      nodes.push(await start(node, '--address', `${nodeAddress(0)}:${port}`))
    await until(async () => {
      const said = (await (await fetch(`${address}/nodes?view=summary`)).json()) as {
        data: { summary: readonly unknown[] }
      }
      return said.data.summary.length > workers
    })
    const killWorker = (at: string) => {
      const index = nodes.findIndex((_, each) => nodeAddress(each + 1) === at)
      for (const pid of descendants(nodes[index]!.pid!)) killed(pid)
    }
    return { address, name: `127.0.0.1:${dashboard}`, killWorker, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/**
 * Of 127.0.0.1 Ray would make the address by which the world knows this machine. Each process that tests has a network
 * of its own.
 */
const nodeAddress = (node: number): string =>
  `127.${1 + (process.pid % 250)}.${Math.floor(process.pid / 250) % 250}.${node + 2}`

/** A process and all that it has started, whatever groups they are in. */
function descendants(pid: number): readonly number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), parentOf(name)] as const)
  const found = [pid]
  for (const each of found) found.push(...parents.filter(([, by]) => by === each).map(([child]) => child))
  return found
}

function parentOf(pid: string): number | undefined {
  try {
    // the name, in brackets, may hold anything
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[1])
  } catch {
    return undefined // ended meanwhile
  }
}

function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // ended meanwhile
  }
}

/** Told to end, `ray start --block` ends what it started. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const isGone = await Promise.race([gone.then(() => true), rest(30_000).then(() => false)])
  if (!isGone) child.kill('SIGKILL')
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + patienceMs; ; await rest(500)) {
    if (await isSo().catch(() => false)) return
    if (Date.now() > end) throw new Error('Ray did not come up')
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}
