/**
 * A studio in this process on a registry of its own, with real compute processes, spoken to over a message
 * port.
 */
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { onTestFinished } from 'vitest'
import type {
  CallInput,
  CallName,
  CallOutput,
  StreamInput,
  StreamItem,
  StreamName,
} from '../../src-shared/contract'
import { StudioFailure } from '../../src-shared/result'
import { connect, type Api } from '../../src-shared/wire'
import { forkNode } from '../../src-main/processes/compute-child'
import { serve } from '../../src-main/border/serve'
import { openStudio, type Studio } from '../../src-main/studio'
import { portWire } from '../../src-main/border/wire-port'
import { builtMain } from './built-main'
import { testFolder } from './registry'

export interface Asking {
  readonly api: Api
  /** The answer, or the refusal thrown. */
  ask<K extends CallName>(name: K, input: CallInput<K>): Promise<CallOutput<K>>
  /** Items until one passes, or the stream ends. @returns all of them */
  follow<K extends StreamName>(
    name: K,
    input: StreamInput<K>,
    isLast?: (item: StreamItem<K>) => boolean,
  ): Promise<StreamItem<K>[]>
}

export interface TestStudio extends Asking {
  readonly studio: Studio
  /** What was reported as a bug. */
  readonly bugs: readonly unknown[]
  /** Every compute process it started, in order. */
  readonly pids: readonly number[]
}

export async function testStudio(
  options: { readonly folder?: string; readonly resources?: string } = {},
): Promise<TestStudio> {
  const { computeProcess, readingThread } = await builtMain()
  const bugs: unknown[] = []
  const pids: number[] = []
  const folder = options.folder ?? testFolder()
  const studio = await openStudio({
    registryPath: join(folder, 'registry.sqlite'),
    host: 'headless',
    readingThread,
    environment: { ...process.env, STUDIO_CLUSTERS: join(folder, 'clusters.json') },
    ...(options.resources !== undefined && { resources: options.resources }),
    reportBug: (where, error) => {
      bugs.push(error)
      console.error(where, error)
    },
    fork: () => {
      const child = forkNode(computeProcess)()
      if (child.pid !== undefined) pids.push(child.pid)
      return child
    },
  })
  const { port1, port2 } = new MessageChannel()
  serve(portWire(port1), studio.handlers, (_, error) => bugs.push(error))
  onTestFinished(async () => {
    port1.close()
    await studio.close()
  }, 60_000)
  return { studio, bugs, pids, ...asking(connect(portWire(port2))) }
}

export function asking(api: Api): Asking {
  return {
    api,
    ask: async (name, input) => {
      const answer = await api.call(name, input)
      if (!answer.ok) throw new StudioFailure(answer.error)
      return answer.value
    },
    follow: async (name, input, isLast = () => false) => {
      const items = []
      for await (const item of api.stream(name, input, new AbortController().signal)) {
        items.push(item)
        if (isLast(item)) break
      }
      return items
    },
  }
}
