/**
 * A headless studio in a process of its own, and the page's end of its wire: what end-to-end tests of main
 * drive.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { connect } from '../../src-shared/wire'
import { socketWire } from '../../src-main/border/wire-socket'
import { builtMain } from './built-main'
import { asking, type Asking } from './test-studio'

export interface HeadlessStudio extends Asking {
  readonly process: ChildProcess
  readonly url: string
  readonly token: string
  /** As the operating system does it when memory runs out. */
  kill(): Promise<void>
  /** As a person does it with Ctrl C. @returns its exit code */
  end(): Promise<number | null>
}

export async function startStudio(
  registryPath: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<HeadlessStudio> {
  const { headless } = await builtMain()
  const child = fork(headless, ['--registry', registryPath], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...environment },
  })
  const address = await addressOf(child)
  const { origin, hash } = new URL(address)
  const token = new URLSearchParams(hash.slice(1)).get('token') ?? ''
  onTestFinished(() => void child.kill('SIGKILL'))
  return {
    ...asking(connect(socketWire(await openSocket(origin, token)))),
    process: child,
    url: origin,
    token,
    kill: async () => {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
      child.kill('SIGINT')
      await once(child, 'exit')
      return child.exitCode
    },
  }
}

export async function openSocket(origin: string, token: string, from = origin): Promise<WebSocket> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/ws?token=${token}`, { origin: from })
  await once(socket, 'open')
  return socket
}

/** What the server prints first. @throws Error with all it wrote, when it ends instead */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let written = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        written += chunk.toString()
        const address = /http:\/\/127\.0\.0\.1:\d+\/#token=\S+/.exec(written)
        if (address) resolve(address[0])
      })
    }
    child.on('exit', () => reject(new Error(written)))
  })
}
