/**
 * A real Ray cluster for tests: a head and workers on loopback, in a scratch folder, ended by their process ids.
 * `npm run setup:cluster` installs it; without it these tests say so.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
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
  readonly workers: readonly ChildProcess[]
  stop(): Promise<void>
}

/** Ray's least. */
const storeBytes = 80 << 20
const patienceMs = 120_000

export async function rayCluster(workers = 2, environment: NodeJS.ProcessEnv = {}): Promise<RayCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'ray-'))
  const [port, dashboard] = [await freePort(), await freePort()]
  const children: ChildProcess[] = []
  const start = (...args: readonly string[]): ChildProcess => {
    const child = spawn(
      join(installed, 'bin/ray'),
      ['start', '--block', '--num-cpus', '1', '--object-store-memory', String(storeBytes), ...args],
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
  /** Of 127.0.0.1 Ray would make the address by which the world knows this machine. */
  const loopback = (node: number) => ['--node-ip-address', `127.0.0.${node + 2}`]
  start(
    ...['--head', ...loopback(0), '--port', String(port), '--temp-dir', folder],
    ...['--dashboard-host', '127.0.0.1', '--dashboard-port', String(dashboard)],
  )
  const address = `http://127.0.0.1:${dashboard}`
  try {
    await until(async () => (await fetch(`${address}/api/version`)).ok)
    const nodes = Array.from({ length: workers }, (_, index) =>
      start('--address', `127.0.0.2:${port}`, ...loopback(index + 1)),
    )
    await until(async () => {
      const said = (await (await fetch(`${address}/nodes?view=summary`)).json()) as {
        data: { summary: readonly unknown[] }
      }
      return said.data.summary.length > workers
    })
    return { address, name: `127.0.0.1:${dashboard}`, workers: nodes, stop }
  } catch (error) {
    await stop()
    throw error
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
