/** A headless studio in a process of its own, and the page's end of its wire: what end-to-end tests of main drive. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import type { CallInput, CallName, CallOutput, StreamInput, StreamItem, StreamName } from '../../src-shared/contract'
import { StudioFailure } from '../../src-shared/result'
import { connect, type Api } from '../../src-shared/wire'
import { socketWire } from '../../src-main/wire-socket'
import { builtMain } from './built-main'

export interface HeadlessStudio {
  readonly api: Api
  readonly process: ChildProcess
  readonly url: string
  readonly token: string
  /** The answer, or the refusal thrown. */
  ask<K extends CallName>(name: K, input: CallInput<K>): Promise<CallOutput<K>>
  /** Items until one passes, or the stream ends. @returns all of them */
  follow<K extends StreamName>(name: K, input: StreamInput<K>, isLast?: (item: StreamItem<K>) => boolean): Promise<StreamItem<K>[]>
  /** As the operating system does it when memory runs out. */
  kill(): Promise<void>
  /** As a person does it with Ctrl C. @returns its exit code */
  end(): Promise<number | null>
}

/** A folder that is gone after the test. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'studio-processes-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** @param resources false leaves the registry empty: no sample project is put in */
export async function startStudio(registryPath: string, environment: NodeJS.ProcessEnv = {}): Promise<HeadlessStudio> {
  const { headless } = await builtMain()
  const child = fork(headless, ['--registry', registryPath], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: { ...process.env, ...environment } })
  const address = await addressOf(child)
  const { origin, hash } = new URL(address)
  const token = new URLSearchParams(hash.slice(1)).get('token') ?? ''
  const api = connect(socketWire(await openSocket(origin, token)))
  return {
    api, process: child, url: origin, token,
    ask: async (name, input) => {
      const answer = await api.call(name, input)
      if (!answer.ok) throw new StudioFailure(answer.error)
      return answer.value
    },
    follow: async (name, input, isLast = () => false) => {
      const items = []
      const closing = new AbortController()
      for await (const item of api.stream(name, input, closing.signal)) {
        items.push(item)
        if (isLast(item)) break
      }
      return items
    },
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
